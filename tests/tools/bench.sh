# SPDX-License-Identifier: GPL-2.0
# drb-bench without Xen; sourced by run.sh, behind its tests of drbctl.
# shellcheck shell=sh disable=SC2154,SC2016,SC2034,SC2086,SC2317

bench=$build/asan/drb-bench
bench_page=$root/docs/man/drb-bench.1
bench_completion=$root/packaging/bash-completion/drb-bench
runs=$work/runs
port=5210

raw() {
	"$here/benchraw.py" "$@"
}

bench_options() {
	"$here/options.py" "$bench" "$1" "$2"
}

bench_options_noticed() {
	sed '/It Fl a , Fl .-anyway/d' "$bench_page" >"$work/page"
	! bench_options "$work/page" "$bench_completion" >"$work/out" &&
		grep -q '^FAIL tools.options.bench-compare' "$work/out" || return
	sed 's/ -n --samples//' "$bench_completion" >"$work/drb-bench.completion"
	! bench_options "$bench_page" "$work/drb-bench.completion" >"$work/out" &&
		grep -q '^FAIL tools.options.bench-measure.*samples' "$work/out"
}

bench_exit_codes() {
	page=$bench_page exit_codes
}

bench_usage() {
	fails 2 "which guest" "$bench" &&
		fails 2 "usage: drb-bench GUEST" "$bench" a b &&
		fails 2 "no such option" "$bench" --foo &&
		fails 2 "only --vif and --port" "$bench" --serve --quick &&
		fails 2 "the guest says" "$bench" web --port 7 &&
		fails 2 "at least one" "$bench" web --samples 0 &&
		fails 2 "samples" "$bench" web --samples x &&
		fails 2 "time" "$bench" web --time 61 &&
		fails 2 "no regular expression" "$bench" web --cells '(' &&
		fails 2 "usage: drb-bench compare" "$bench" compare a &&
		fails 2 "usage: drb-bench report" "$bench" report &&
		[ "$("$bench" --version)" = "drb-bench $("$root/packaging/version.sh")" ]
}

# xenstore is that of the hostile guests; nobody of them serves.
bench_guests() {
	fails 3 "no such domain" "$bench" nobody &&
		fails 3 "no vif that this domain serves" "$bench" web --out "$work/no" &&
		[ ! -e "$work/no" ]
}

bench_without_store() {
	XENSTORED_PATH=$work/none fails 1 "cannot reach xenstore" "$bench" web
}

# ---- reports ---------------------------------------------------------------

report_is_right() {
	raw "$runs/a" && "$bench" report "$runs/a" >"$work/out" || return
	grep -q '^rx-60-b1 .*vif3.1 .*200,000 .*2\.00 (1\.94 to 2\.06)$' "$work/out" &&
		grep -q '^rx-60-b32 .* 4\.00 (' "$work/out" &&
		grep -q '^rtt-64 *us_p99 .* 0\.50 (' "$work/out" &&
		jq -e '(.cells | length) == 32 and all(.cells[]; .num == 5 and
			.disturbed == 0) and (.conditions.seconds == 2) and
			(.cells[] | select(.cell == "tcp-tx-4" and .handle == 1) |
				.ratio_to_stock.value == 2 and .median == 2000 and
				.min == 1960 and .max == 2040)' \
			"$runs/a/report.json" >"$work/jq" &&
		"$bench" report --json "$runs/a" | cmp - "$runs/a/report.json"
}

# Images and page are well formed, and the page needs nothing beside it.
pages_are_right() {
	python3 - "$runs/a" <<-'END'
		import sys, xml.etree.ElementTree as xml
		from html.parser import HTMLParser
		from pathlib import Path
		VOID = {"meta", "br", "image"}
		open_tags, seen = [], []
		class Page(HTMLParser):
		    def handle_starttag(self, tag, attrs):
		        seen.append(tag)
		        assert tag not in ("script", "link", "img"), tag
		        assert not any((v or "").startswith(("http", "//"))
		                       for k, v in attrs if k in ("src", "href"))
		        if tag not in VOID:
		            open_tags.append(tag)
		    def handle_endtag(self, tag):
		        assert open_tags.pop() == tag, tag
		where = Path(sys.argv[1])
		for name in ("packets", "tcp", "rtt"):
		    tree = xml.parse(where / f"{name}.svg").getroot()
		    assert tree.tag.endswith("svg"), tree.tag
		    text = "".join(tree.itertext())
		    assert "vif3.0, stock" in text and "vif3.1, iotask" in text, text
		text = (where / "report.html").read_text("utf-8")
		Page().feed(text)
		assert not open_tags and seen.count("svg") == 3, open_tags
		assert "&lt;web&gt;&amp;" in text and "<web>" not in text
	END
}

without_gnuplot() {
	raw "$runs/plain" && PATH=/none "$bench" report "$runs/plain" \
		>"$work/out" 2>"$work/err" &&
		[ "$(cat "$work/err")" = "drb-bench: no gnuplot: plots are left out; apt install gnuplot-nox, then drb-bench report $runs/plain" ] &&
		[ ! -e "$runs/plain/rtt.svg" ] && grep -q '<table>' "$runs/plain/report.html"
}

# One definition of the figures, in two programs.
agrees_with_report() {
	"$here/agree.py" "$bench" "$work/agree"
}

# What is disturbed is marked; from one sample to three there is no interval, and
# four have the widest that they can have.
few_samples() {
	raw "$runs/few" samples.0.foreign=55.5 &&
		jq '.samples |= map(select(.round == 1))' "$runs/few/raw.json" \
			>"$work/one" && mv "$work/one" "$runs/few/raw.json" &&
		"$bench" report "$runs/few" >"$work/out" &&
		grep -q '^rx-60-b1 .* 100,000\* ' "$work/out" &&
		grep -q '^rx-60-b1 .* 2\.00$' "$work/out" || return
	raw "$runs/wide" && jq '.samples |= map(select(.round < 4))' \
		"$runs/wide/raw.json" >"$work/three" &&
		mv "$work/three" "$runs/wide/raw.json" &&
		"$bench" report "$runs/wide" >"$work/out" &&
		grep -q '^tx-60-b1 .* 2\.00$' "$work/out" &&
		[ "$("$bench" compare "$runs/wide" "$runs/wide" |
			grep -c 'too few samples$')" = 32 ] || return
	raw "$runs/wide" && jq '.samples |= map(select(.round < 5))' \
		"$runs/wide/raw.json" >"$work/four" &&
		mv "$work/four" "$runs/wide/raw.json" &&
		"$bench" report "$runs/wide" >"$work/out" &&
		grep -q '^tx-60-b1 .* 2\.00 (1\.92 to 2\.08)$' "$work/out"
}

bad_raw() {
	for change in schema=2 'vifs=[]' 'samples=[]' samples.3.values.pps=0 \
		'samples.3.values.pps="1"' samples.3.values.pps=1e300 \
		'samples.3.cell="`reboot`"' samples.3.handle=1.5 samples.3.handle=64 \
		samples.3.handle=9 'vifs.0.vif="vif1.0'"'"'"' 'vifs.0.path="x"' \
		vifs.0.handle=1 'samples.0={}' samples.0=7 conditions=1 about=null; do
		raw "$runs/bad" "$change" &&
			fails 1 "raw.json" "$bench" report "$runs/bad" || return
	done
	echo '{"schema":' >"$runs/bad/raw.json"
	fails 1 "no samples" "$bench" report "$runs/bad" &&
		fails 3 "No such file" "$bench" report "$runs/none" &&
		[ "$(ls "$runs/bad")" = raw.json ]
}

compares() {
	raw "$runs/b" && "$bench" compare "$runs/a" "$runs/b" >"$work/out" &&
		[ "$(grep -c 'the same$' "$work/out")" = 32 ] || return
	jq '(.samples[].values | .pps, .us_p50 | values) *= 3' \
		"$runs/b/raw.json" >"$work/b" && mv "$work/b" "$runs/b/raw.json" &&
		"$bench" compare "$runs/a" "$runs/b" --json >"$work/out" &&
		jq -e 'all(.[]; .verdict == ({pps: "better", us_p50: "worse"}[.metric]
			// "the same"))' "$work/out" >"$work/jq"
}

compare_refuses() {
	for change in conditions.guest.kernel='"6.12.1"' conditions.here.xen='"4.20.0"' \
		conditions.guest.vcpus=2 conditions.seconds=0.5 \
		conditions.here.drivers.drb_core='"0.2.0"' \
		conditions.guest.tools.iperf3='"3.14"' \
		conditions.vif.1.guest.mtu='"9000"' conditions.vif.1.here.threaded='"1"' \
		conditions.vif.0.here.offloads='"gro"' conditions.vif.1.guest.new=7; do
		key=${change%%=*}
		raw "$runs/c" "$change" && fails 1 "${key#conditions.}: .* there, .* here" \
			"$bench" compare "$runs/a" "$runs/c" || return
	done
	"$bench" compare --anyway "$runs/a" "$runs/c" >"$work/out" 2>"$work/err" &&
		grep -q 'the same$' "$work/out" && [ "$(wc -l <"$work/err")" = 1 ]
}

# No room for all files: what was there before stays, and nothing else does.
full_disk() {
	mkdir -p "$work/small"
	unshare -m sh -c 'mount -t tmpfs -o size=96k none "$1" &&
		cp "$2/raw.json" "$1" && echo before >"$1/report.json" &&
		{ "$3" report "$1" >"$4/out" 2>"$4/err"; code=$?; } ;
		[ "$code" = 1 ] && [ "$(cat "$1/report.json")" = before ] &&
		[ "$(ls -A "$1" | tr "\n" " ")" = "raw.json report.json " ]' \
		sh "$work/small" "$runs/a" "$bench" "$work" || {
		cat "$work/err"
		return 1
	}
	[ ! -s "$work/out" ] && [ "$(wc -l <"$work/err")" = 1 ] &&
		grep -q '^drb-bench: .*No space left.*nothing is written' "$work/err"
}

# ---- the guest's end -------------------------------------------------------

# What stands in for iperf3 and sockperf has to be where nobody can reach it.
programs=$work.programs

programs_up() {
	mkdir "$programs" && install "$here/program.sh" "$programs/iperf3" &&
		install "$here/program.sh" "$programs/sockperf" &&
		install -m 666 /dev/null "$programs/ids" && chmod 755 "$programs"
}

# None of them as root, in its groups, with its open files or its variables; and
# each of these did run.
not_as_root() {
	cat "$programs/ids"
	! grep -vE '^[a-z0-9]+ [A-Za-z-]+ 65534:65534:65534 1 0 0$' \
		"$programs/ids" || return
	for line; do
		grep -q "^$line " "$programs/ids" || { echo "no $line"; return 1; }
	done
}

# Where root cannot become anybody else, they do not run at all.
not_as_root_either() {
	: >"$programs/ids"
	in_guest sh -c 'echo 0 >/proc/sys/net/ipv4/ip_unprivileged_port_start' &&
		beneath='unshare -Ur' serve eth0 "$guest_address" || return
	client "$here/door.py" idle
	end_serving
	[ ! -s "$programs/ids" ] &&
		grep -q '^serve_dev: cannot run iperf3 as nobody: ' "$work/served" &&
		grep -q '^serve_dev: cannot run sockperf as nobody: ' "$work/served"
}

# serve [DEVICE ADDRESS]...: until end_serving; what it says is in $work/served.
serve() {
	: >"$work/tokens"
	: >"$work/served"
	PATH=$programs:$PATH ip netns exec "$guest_ns" ${beneath:-} \
		"$build/asan/serve_dev" "$port" "$@" >"$work/tokens" \
		2>>"$work/served" &
	served=$!
	await has_lines $(($# / 2)) "$work/tokens" || {
		cat "$work/served"
		return 1
	}
}

# has_lines NUMBER FILE
has_lines() {
	[ "$(wc -l <"$2")" = "$1" ]
}

end_serving() {
	kill "$served" && wait "$served"
	code=$?
	served=
	cat "$work/served"
	[ $code = 0 ]
}

serve_both() {
	serve eth0 "$guest_address" eth1 "$guest_address1"
}

# client PROGRAM [ARGUMENT]: one of those that use client.py.
client() {
	in_host "$@" "$port" \
		"$guest_address" "$(sed -n 1p "$work/tokens")" \
		"$guest_address1" "$(sed -n 2p "$work/tokens")"
}

hostile_peer() {
	client "$here/peer.py" || return
	! grep -v 'sent 10.77.0.1 away: a request is too long, or is no text$' \
		"$work/served"
}

# door CASE NUMBER WORDS: the serving end has had so many lines of that to say.
door() {
	before=$(wc -l <"$work/served")
	client "$here/door.py" "$1" || return
	tail -n +$((before + 1)) "$work/served" >"$work/said"
	cat "$work/said"
	[ "$(grep -c "$3" "$work/said")" = "$2" ] && ! grep -v "$3" "$work/said"
}

check_door() {
	refused='^serve_dev: eth0: refused 10.77.0.1:'
	away='^serve_dev: sent 10.77.0.1 away:'
	check bench-door-wrong-token door wrong_token 1 "$refused a wrong token was shown\$"
	check bench-door-nearly door nearly 4 "$refused a wrong token was shown\$"
	check bench-door-other-vif door other_vif 1 "$refused a wrong token was shown\$"
	check bench-door-no-token door missing_token 6 "$refused no token was shown\$"
	check bench-door-old-client door old_client 1 "$refused no token was shown\$"
	check bench-door-long-line door long_line 1 "$refused .* too long, or is no text\$"
	check bench-door-no-text door no_text 1 "$refused .* too long, or is no text\$"
	check bench-door-silent door silent 1 "$refused nothing was said in time\$"
	check bench-door-dribble door dribble 1 "$refused nothing was said in time\$"
	check bench-door-session door unknown_session 1 'there is no such session$'
	check bench-door-rated door rated 5 "$refused a wrong token was shown\$"
	check bench-door-crowd door crowd 0 .
	check bench-second-client door second 1 "$refused busy with a client at 10.77.0.1\$"
	check bench-idle-client door idle 1 "$away nothing was asked for in time\$"
	check bench-quiet-client door quiet 1 "$away nothing was asked for in time\$"
	check bench-long-request door long_request 1 "$away a request is too long"
	check bench-two-vifs door joins 0 .
	check bench-finds-client door finds:"$host_ns" 0 .
	check bench-foreign-mac door foreign 0 .
}

# Once more and again, until there is no xenstore any more.
watch_until_it_dies() {
	"$drbctl" stats --interval 0.2 >"$work/watched" 2>"$work/err" &
	watching=$!
	until [ -s "$work/watched" ]; do
		kill -0 $watching || return
		sleep 0.1
	done
	kill "$store"
	wait "$store"
	store=
	wait $watching
	[ $? = 1 ] && [ "$(wc -l <"$work/err")" = 1 ] &&
		grep "^drbctl: .*xenstore" "$work/err"
}

store_dies() {
	watch_until_it_dies || {
		cat "$work/err"
		return 1
	}
	fails 1 "cannot reach xenstore" "$drbctl" list &&
		fails 1 "cannot reach xenstore" "$bench" web
}

bench_options "$bench_page" "$bench_completion" || status=1
check bench-options-noticed bench_options_noticed
check bench-manual-page page_is_clean "$bench_page"
check bench-exit-codes bench_exit_codes
check bench-usage bench_usage
check bench-guests bench_guests
check bench-without-store bench_without_store
check bench-report report_is_right
check bench-pages pages_are_right
check bench-without-gnuplot without_gnuplot
check bench-agrees-with-report agrees_with_report
check bench-few-samples few_samples
check bench-bad-raw bad_raw
check bench-compare compares
check bench-compare-refuses compare_refuses
check bench-full-disk full_disk
check bench-network net_up
check bench-programs programs_up
check bench-serve serve_both
check bench-hostile-peer hostile_peer
check_door
check bench-serve-end end_serving
check bench-servers-not-as-root not_as_root 'iperf3 -s' 'sockperf server' \
	'iperf3 --version' 'sockperf --version'
check bench-servers-not-as-root-either not_as_root_either
# shellcheck source=both.sh
. "$here/both.sh"
check store-dies store_dies

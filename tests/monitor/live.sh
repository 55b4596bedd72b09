# SPDX-License-Identifier: GPL-2.0
# Prometheus, with the rules, asks node exporters of two hosts every second: "a" is one
# of fakehost.py's, whose file drbctl writes; "b" has what only a real Xen has
# (table.prom). Sourced by check.sh.
# shellcheck shell=sh disable=SC2034,SC2154,SC2317

# await SECONDS COMMAND...
await() {
	end=$(($(date +%s) + $1))
	shift
	until "$@" >"$work/await" 2>&1; do
		[ "$(date +%s)" -lt $end ] || {
			cat "$work/await"
			return 1
		}
		sleep 0.2
	done
}

api() {
	"$here/api.py" "$prometheus" "$@"
}

free_port() {
	python3 -c 'import socket
with socket.socket() as s:
	s.bind(("127.0.0.1", 0))
	print(s.getsockname()[1])'
}

# exporter NAME: of the files in $work/NAME; its $port.
exporter() {
	mkdir -p "$work/$1" && port=$(free_port) || return
	prometheus-node-exporter --collector.disable-defaults --collector.textfile \
		--collector.textfile.directory="$work/$1" \
		--web.listen-address="127.0.0.1:$port" >"$dir/exporter-$1.log" 2>&1 &
	hosts="$hosts $!"
}

# target NAME: with its $port, in Prometheus' configuration.
target() {
	echo "  - targets: ['127.0.0.1:$port']"
	echo "    labels: {instance: $1}"
}

# As a host has it, but with seconds for minutes.
configuration() {
	cat <<-'END'
	global: {scrape_interval: 1s, evaluation_interval: 1s}
	rule_files: [drb.rules.yml]
	scrape_configs:
	- job_name: node
	  static_configs:
	END
	exporter a && target a && exporter b && target b
}

start_prometheus() {
	mkdir "$work/live" && configuration >"$work/live/prometheus.yml" &&
		sed 's/^    for: .*/    for: 1s/' "$rules" >"$work/live/drb.rules.yml" &&
		promtool check config "$work/live/prometheus.yml" &&
		prometheus=$(free_port) || return
	prometheus --config.file="$work/live/prometheus.yml" --log.level=warn \
		--storage.tsdb.path="$work/live/data" \
		--web.listen-address="127.0.0.1:$prometheus" >"$dir/prometheus.log" 2>&1 &
	hosts="$hosts $!"
	await 60 api status/runtimeinfo
}

# host_a [KEY=VALUE]...: as fakehost.py has it, and the service has run.
host_a() {
	number=$((${number:-0} + 1))
	new_host "a-$number" "$@" && "$host/drbctl" stats -p -o "$work/a/drb.prom"
}

# host_b [DENIED]: so many times something of its guest's was refused.
host_b() {
	sed "/^drb_iotask_denied_total{guest=\"web\"/s/ .*/ ${1:-0}/" "$table" \
		>"$work/b/drb.prom.new" && mv "$work/b/drb.prom.new" "$work/b/drb.prom"
}

# value QUERY: of its one sample.
value() {
	api query "query=$1" | jq -r '.result | if length == 1 then .[0].value[1]
		else "\(length) samples" end'
}

is() {
	[ "$(value "$2" | tee /dev/stderr)" = "$1" ]
}

# Both exporters have read their files, and say so.
data_comes() {
	host_a vifs=web,mail,db,cache && host_b &&
		await 60 is 4 'count(drb_vif_info{instance="a"})' &&
		await 60 is 1 'count(drb_vif_info{instance="b"})' &&
		is 0 'sum(node_textfile_scrape_error)' &&
		is 2 'count(node_textfile_mtime_seconds{file=~".*/drb.prom"})'
}

# firing: a line for each alert, with what it is about.
firing() {
	api alerts | jq -r '.alerts[] | select(.state == "firing") | .labels |
		"\(.alertname) \(.instance) \(.vif // .guest // "") \(.end // "")" |
		sub(" *$"; "")' | sort
}

# fire LINE...: these alerts, no more and no fewer.
fire() {
	printf '%s\n' "$@" | grep . >"$work/wanted"
	firing >"$work/firing"
	diff "$work/wanted" "$work/firing"
}

# The two that ask and have DRB are left alone, and the one that does not ask.
fell_back() {
	await 60 fire 'DrbVifFellBack a vif2.0'
}

# What people read says what it is about, and what to do.
annotated() {
	api rules | jq -e '[.groups[].rules[]] | length >= 5 and all(.health == "ok" and
		(.annotations.summary | length > 20) and
		(.annotations.description | length > 100))' &&
		api alerts | jq -e '[.alerts[].annotations[]] | length >= 2 and
			all(test("no value|\\{\\{|error") | not)'
}

mended() {
	host_a vifs=web,mail,db,cache drb=mail && await 60 fire ''
}

in_error() {
	host_a vifs=web,new &&
		await 60 fire 'DrbVifError a vif5.0 guest' 'DrbVifNotServed a vif5.0'
}

denied() {
	host_a vifs=web && host_b 3 && await 60 fire 'DrbAccessDenied b web'
}

# Nothing has been written for ten minutes, and then something is.
too_old() {
	touch -d '10 minutes ago' "$work/a/drb.prom"
	await 60 fire 'DrbAccessDenied b web' 'DrbNoData a' &&
		host_a vifs=web && await 60 fire 'DrbAccessDenied b web'
}

lost() {
	rm "$work/a/drb.prom"
	await 60 fire 'DrbAccessDenied b web' 'DrbNoData a'
}

check live-start start_prometheus || return
check live-data data_comes
check live-fell-back fell_back
check live-annotations annotated
# While there is an alert, and both hosts have data.
"$here/dashboard.py" "$prometheus" "$dashboard" || status=1
check live-mended mended
check live-error in_error
check live-denied denied
check live-too-old too_old
check live-lost lost

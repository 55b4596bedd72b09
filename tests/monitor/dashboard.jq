# SPDX-License-Identifier: GPL-2.0
# What is wrong with a Grafana dashboard, a text each; nothing where all is right.
# $known: the names of metrics that there are.

def overlap($a; $b):
	$a.x < $b.x + $b.w and $b.x < $a.x + $a.w and
	$a.y < $b.y + $b.h and $b.y < $a.y + $a.h;

# Variables that a text uses: $name or ${name}.
def used: [scan("\\$\\{?([a-z]\\w*)") | .[0]];

([.templating.list[].name]) as $variables |
([.panels[].gridPos]) as $places |
(
	(select((.title and .uid and .description | not) or (.schemaVersion < 30))
		| "no title, uid, description or schema"),
	(select(.panels | length < 10) | "few panels"),
	(select([.panels[].id] | length != (unique | length)) | "an id twice"),
	(.panels[] | select((.title | length < 2) or (.description | length < 5))
		| "panel \(.id): no title or description"),
	(.panels[] | select(.type as $t | ["stat", "table", "timeseries"] |
		index($t) | not) | "panel \(.id): type \(.type)"),
	($places[] | select(.x < 0 or .w < 1 or .h < 1 or .x + .w > 24)
		| "a panel is beside the grid: \(.)"),
	(range($places | length) as $i | range($i) as $j |
		select(overlap($places[$i]; $places[$j]))
		| "panels \($i) and \($j) overlap"),
	(.panels[] | select([.targets[].refId] | length == 0 or
		length != (unique | length)) | "panel \(.id): no query, or one twice"),
	(.panels[] | ., .targets[] | select(.datasource.uid != "${datasource}")
		| "\(.title // .expr): another data source"),
	(.panels[] | select(.type == "timeseries") | .targets[] |
		select(.instant or .legendFormat == "__auto")
		| "\(.expr): an instant, or no legend"),
	(.panels[] | select(.type != "timeseries") | .targets[] |
		select(.instant | not) | "\(.expr): no instant"),
	(.. | .expr?, .definition? | strings | used[] |
		select(. as $v | $variables + ["__rate_interval"] | index($v) | not)
		| "no variable \(.)"),
	(.panels[].targets[].expr | scan("[a-z]+_[a-z_]+[a-z](?=\\{)") |
		select(. as $m | $known | index($m) | not) | "no metric \(.)")
)

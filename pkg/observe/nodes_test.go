package observe

import (
	"fmt"
	"strings"
	"testing"
)

// raw is a Prometheus answer with raw counters 300 s apart.
func raw(metric, labels string, values ...int) string {
	var points []string
	for i, v := range values {
		if v >= 0 {
			points = append(points, fmt.Sprintf(`[%d,"%d"]`, 1_790_000_100+300*i, v))
		}
	}
	return fmt.Sprintf(`{"status":"success","data":{"resultType":"matrix","result":[{"metric":{"__name__":%q,%s},"values":[%s]}]}}`+"\n", metric, labels, strings.Join(points, ","))
}

func TestSeriesOfServers(t *testing.T) {
	role := func(instance, role string) string {
		return raw("redis_instance_info", fmt.Sprintf(`"instance":%q,"role":%q`, instance, role), 1, 1)
	}
	get := func(instance string, values ...int) string {
		return raw("redis_commands_total", fmt.Sprintf(`"instance":%q,"cmd":"get"`, instance), values...)
	}
	set := func(instance string, values ...int) string {
		return raw("redis_commands_total", fmt.Sprintf(`"instance":%q,"cmd":"set"`, instance), values...)
	}
	for name, c := range map[string]struct {
		text, ops, share, note, refused string
	}{
		// 30,000 GET in 300 s are 100/s, and again.
		"one server": {text: get("a", 0, 30_000, 60_000), ops: "100", share: "1"},
		// Both primaries have points 2 to 4; a has one more at either end.
		"unequal history": {text: role("a", "master") + role("b", "master") + get("a", 0, 30_000, 60_000, 90_000, 990_000) + get("b", -1, 0, 15_000, 30_000, -1),
			ops: "150", share: "1", note: "2 of 4 points are left out, because some servers lack them (b has the fewest, 2)"},
		// The replica's 6,000 SET repeat those of the primary.
		"a replica": {text: role("a", "master") + role("b", "slave") + get("a", 0, 12_000, 24_000) + set("a", 0, 6_000, 12_000) + get("b", 0, 12_000, 24_000) + set("b", 0, 6_000, 12_000),
			ops: "100", share: "0.8", note: "of replicas only the reads that they served are in the figures"},
		// 30,000, a fall, 15,000 and 15,000 after it: (100 + 50 + 50) / 3.
		"a restart": {text: get("a", 0, 30_000, 100, 15_100, 30_100), ops: "66.667", share: "1", note: "a: the counters fell 1 time"},
		// A label that is not the server's tells two series apart; they are summed.
		"two shards":           {text: strings.ReplaceAll(get("a", 0, 3_000, 6_000), `"cmd"`, `"shard":"1","cmd"`) + strings.ReplaceAll(get("a", 0, 6_000, 12_000), `"cmd"`, `"shard":"2","cmd"`), ops: "30", share: "1"},
		"a failover":           {text: role("a", "master") + role("a", "slave") + get("a", 0, 30_000, 60_000), refused: "a changed its role within the range (master, slave), a failover"},
		"no roles":             {text: get("a", 0, 30_000, 60_000) + get("b", 0, 30_000, 60_000), refused: "has the series of 2 servers, but not the role of a"},
		"two values":           {text: matrix("commands", "", "1", "2") + matrix("commands", "", "1", "3"), refused: "two values of commands for 2026-09-21 14:20 UTC"},
		"summed over commands": {text: raw("redis_commands_total", `"instance":"a"`, 0, 1), refused: "has no label with the command (cmd)"},
		"none that is read":    {text: raw("up", `"instance":"a"`, 1, 1), refused: "has no known metric; it has up"},
	} {
		r, err := readPrometheus("answers.json", strings.NewReader(c.text))
		if c.refused != "" {
			fair(t, err)
			if err == nil || !strings.Contains(err.Error(), c.refused) {
				t.Errorf("%s: error %v, want %q", name, err, c.refused)
			}
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		check(t, r, map[string]string{"ops_per_sec": c.ops, "read_share": c.share})
		if c.note != "" && !hasNote(r, c.note) {
			t.Errorf("%s: no note %q in %q", name, c.note, r.Notes)
		}
	}
}

// Twelve points of five minutes are an hour; the point at its end belongs to it.
// 10 of them at 100/s and 2 at 400/s are 1,000 and 800 × 300 s = 540,000.
func TestHours(t *testing.T) {
	var get, set, in, out, used strings.Builder
	at := 1_793_577_600 // 2026-11-02 00:00 UTC
	point := func(b *strings.Builder, i int, v string) { fmt.Fprintf(b, `,[%d,%q]`, at+300*i, v) }
	for i := 1; i <= 36; i++ {
		rate := "75"
		if i == 5 || i == 6 {
			rate = "300"
		}
		if i < 20 || i > 21 { // the second hour lacks two of its points
			point(&get, i, rate)
			point(&set, i, map[string]string{"75": "25", "300": "100"}[rate])
		}
		point(&in, i, "1000")
		point(&out, i, "3000")
		point(&used, i, "5000000")
	}
	answer := func(query, cmd string, b *strings.Builder) string {
		return fmt.Sprintf(`{"status":"success","data":{"resultType":"matrix","result":[{"metric":{"keynest":%q%s},"values":[%s]}]}}`, query, cmd, b.String()[1:])
	}
	text := answer("by_command", `,"cmd":"get"`, &get) + answer("by_command", `,"cmd":"set"`, &set) + answer("bytes_in", "", &in) + answer("bytes_out", "", &out) + answer("used", "", &used)
	r, err := readPrometheus("answers.json", strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	if err := r.WriteSeries(&b); err != nil {
		t.Fatal(err)
	}
	want := "time,commands,reads,writes,bytes_in,bytes_out,stored_bytes,peak_ops_per_sec\n" +
		"2026-11-02T00:00:00Z,540000,405000,135000,3600000,10800000,5000000,400\n" +
		"2026-11-02T02:00:00Z,360000,270000,90000,3600000,10800000,5000000,100\n"
	if b.String() != want {
		t.Errorf("got\n%swant\n%s", b.String(), want)
	}
	if note := r.SeriesNote(); !strings.Contains(note, "lacks 1 of 3 hours") {
		t.Errorf("note %q", note)
	}
	if err := r.CheckSeries(); err != nil {
		t.Error(err)
	}
}

func TestCloudWatchStatistics(t *testing.T) {
	const hour = `"Timestamps":["2026-11-02T01:00:00Z","2026-11-02T00:00:00Z"]`
	metric := func(id string, a, b float64) string {
		return fmt.Sprintf(`{"Id":%q,%s,"Values":[%f,%f]}`, id, hour, a, b)
	}
	answer := func(metrics ...string) string { return `{"MetricDataResults":[` + strings.Join(metrics, ",") + `]}` }
	get, set := metric("gettypecmds_sum_0", 288e4, 288e4), metric("settypecmds_sum_0", 72e4, 72e4)
	for name, c := range map[string]struct {
		text    string
		want    map[string]string
		refused string
	}{
		"average and maximum": {text: answer(get, set, metric("bytesusedforcache_average_0", 2e9, 2e9), metric("bytesusedforcache_maximum_0", 21e8, 21e8)),
			want: map[string]string{"ops_per_sec": "1000", "stored_bytes": "2100000000"}},
		// The average of a minute's samples is a minute's count: 48,000 / 60.
		"sum and average": {text: answer(get, set, metric("gettypecmds_average_0", 48_000, 48_000)), want: map[string]string{"ops_per_sec": "1000"}},
		"latency":         {text: answer(get, set, metric("gettypecmdslatency_sum_0", 9e9, 9e9)), want: map[string]string{"ops_per_sec": "1000", "read_share": "0.8"}},
		"size by its sum": {text: answer(get, set, metric("bytesusedforcache_sum_0", 2e9, 2e9)), refused: "BytesUsedForCache has only its sum; export its Maximum"},
		// Bytes of both nodes less replication, which is in both: (90 − 36) MB in and (360 − 36) MB out over 4,320,000 commands.
		"a replica": {text: answer(get, set, metric("replica_gettypecmds_sum_0", 72e4, 72e4), metric("networkbytesin_sum_0", 5e7, 5e7), metric("replica_networkbytesin_sum_0", 4e7, 4e7),
			metric("networkbytesout_sum_0", 3e8, 3e8), metric("replica_networkbytesout_sum_0", 6e7, 6e7), metric("replicationbytes_sum_0", 36e6, 36e6)),
			want: map[string]string{"ops_per_sec": "1200", "payload_bytes": "87.5", "read_share": "0.8333"}},
	} {
		r, err := ReadCloudWatch("cw.json", strings.NewReader(c.text), "", nil)
		if c.refused != "" {
			if err == nil || !strings.Contains(err.Error(), c.refused) {
				t.Errorf("%s: error %v, want %q", name, err, c.refused)
			}
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		check(t, r, c.want)
	}
}

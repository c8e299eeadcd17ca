package apps

import (
	"strings"
	"testing"

	"github.com/keynest/keynest/pkg/workload"
)

func embeddedBook(t *testing.T) *Book {
	t.Helper()
	b, err := Embedded()
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestEmbedded(t *testing.T) {
	b := embeddedBook(t)
	if len(b.Apps) != 54 {
		t.Errorf("%d applications, want 54", len(b.Apps))
	}
	facts := 0
	for _, a := range b.Apps {
		facts += len(a.Facts)
	}
	if facts != 488 {
		t.Errorf("%d facts, want 488", facts)
	}
}

// TestCount holds counts against sums worked by hand.
func TestCount(t *testing.T) {
	type in = map[InputName]string
	type set = map[string]string
	for _, test := range []struct {
		name              string
		apps              string
		hours             int64
		inputs            in
		settings          set
		low, high         int64 // commands from clients
		scripts           int64 // inside scripts, upper end
		connections, idle int64
	}{
		// 30 days are 43,200 minutes. A Worker polls 60 ÷ 5 = 12 times a minute, two
		// commands each, and looks for stalled jobs twice: 26; inside scripts 14 × 6 = 84.
		{"five idle BullMQ workers", "bullmq", 720, in{Workers: "5"}, nil, 5 * 26 * 43200, 5 * 26 * 43200, 5 * 84 * 43200, 11, 5616000},
		// 5 × (2 × 2 + 2) = 30 a minute.
		{"five with drainDelay 30", "bullmq", 720, in{Workers: "5"}, set{"drain_delay": "30"}, 1296000, 1296000, 5 * 6 * 4 * 43200, 11, 1296000},
		{"one process with five queues", "bullmq", 720, in{Queues: "5"}, nil, 5616000, 5616000, 420 * 43200, 15, 5616000},
		// 4.2 a minute by the formula, 4 measured: 2 × 2 + 0.2; inside scripts 2.2 × 6 = 13.2.
		{"drainDelay 30, stalledInterval 300", "bullmq", 720, nil, set{"drain_delay": "30", "stalled_interval": "300"}, 181440, 181440, 570240, 3, 181440},
		// 26 × 43,200 and 32 × 43,200; all counted by the server 58 × 43,200 = 2,505,600.
		{"one idle Bull queue", "bull", 720, nil, nil, 1123200, 1123200, 1382400, 3, 1123200},
		// 31 days have 44,640 minutes, 120 polls each.
		{"an idle arq worker in May", "arq", 744, nil, nil, 5356800, 5356800, 0, 0, 5356800},
		{"Sidekiq, 5 threads", "sidekiq", 720, nil, nil, 253 * 43200, 253 * 43200, 22 * 43200, 5, 10929600},
		{"Celery", "celery", 720, nil, nil, 91 * 43200, 91 * 43200, 0, 0, 3931200},
		{"Celery without events", "celery", 720, nil, set{"event_heartbeat": "0"}, 61 * 43200, 61 * 43200, 0, 0, 61 * 43200},
		// A minute: 60 polls, 12 × 3 heartbeats, 12 × 2 of the forwarder, 20 PINGs, 7.5 of the janitor,
		// 2 of the recoverer = 149.5; inside scripts 120 + 36 + 24 + 7.5 + 3 = 190.5.
		{"asynq", "asynq", 720, nil, nil, 6458400, 6458400, 8229600, 0, 6458400},
		{"asynq, TaskCheckInterval 5 s", "asynq", 720, nil, set{"task_check_interval": "5"}, 101.5 * 43200, 101.5 * 43200, 94.5 * 43200, 0, 101.5 * 43200},
		{"Dramatiq", "dramatiq", 720, nil, nil, 160 * 43200, 160 * 43200, 320 * 43200, 0, 160 * 43200},
		{"machinery", "machinery", 720, nil, nil, 417 * 43200, 417 * 43200, 0, 0, 417 * 43200},
		{"Huey", "huey", 720, nil, nil, 120 * 43200, 120 * 43200, 120 * 43200, 0, 120 * 43200},
		{"Resque", "resque", 720, nil, nil, 38 * 43200, 38 * 43200, 0, 0, 38 * 43200},
		{"Laravel queue", "laravel-queue", 720, nil, nil, 60 * 43200, 60 * 43200, 60 * 43200, 0, 60 * 43200},
		{"Laravel queue with its cache there", "laravel-queue", 720, nil, set{"cache_here": "1"}, 120 * 43200, 120 * 43200, 60 * 43200, 0, 120 * 43200},
		{"Symfony Messenger", "symfony-messenger", 720, nil, nil, 121 * 43200, 121 * 43200, 0, 0, 121 * 43200},
		{"Horizon", "laravel-horizon", 720, nil, nil, 600 * 43200, 960 * 43200, 0, 0, 960 * 43200},
		// A day of 24 hours, 20 workers, 50,000 jobs. Polls: 20 × 17,280 = 345,600; a job
		// takes the place of one: 295,600 × 2 + 20 × 2,880 + 50,000 × 2 = 748,800. At the
		// upper end all polls and 6 a job: 691,200 + 57,600 + 300,000 = 1,048,800. Scripts:
		// 345,600 × 6 + 57,600 × 6 + 50,000 × 47 = 4,769,200.
		{"a day of BullMQ", "bullmq", 24, in{Workers: "20", JobsPerDay: "50000"}, nil, 748800, 1048800, 4769200, 41, 748800},
		// More jobs than polls: 17,280 polls a day are all replaced: 2,880 + 2 × 100,000.
		{"a busy worker", "bullmq", 24, in{JobsPerDay: "100000"}, nil, 202880, 2880 + 34560 + 600000, 34560*3 + 2880*6 + 4700000, 3, 37440},
		// Celery: 17 with results, 10 without; 59 polls a minute are 84,960 a day, of which
		// 1,000 tasks replace 1,000: (1440 − 1000 ÷ 59) × 61 + 30 × 1,440 = 87,840 − 1,033.9 + 43,200.
		{"Celery, 1,000 tasks", "celery", 24, in{JobsPerDay: "1000"}, nil, 86806 + 43200 + 17000, 87840 + 43200 + 17000, 0, 0, 131040},
		{"Airflow stores no results", "airflow-celery", 24, in{JobsPerDay: "1000"}, nil, 86806 + 43200 + 10000, 87840 + 43200 + 10000, 0, 0, 131040},
		{"sessions", "connect-redis", 730, in{PageViews: "1000000", Sessions: "1000"}, nil, 2001000, 2001000, 0, 0, 0},
		{"checks", "rate-limiter-flexible", 720, in{ChecksPerSec: "0.5"}, nil, 1296000, 1296000, 3888000, 0, 0},
		{"langfuse has 39 queues", "langfuse", 720, nil, nil, 39 * 26 * 43200, 39 * 26 * 43200, 39 * 84 * 43200, 39*2 + 39, 39 * 26 * 43200},
		{"two together", "bullmq,connect-redis", 720, in{PageViews: "1000"}, nil, 26*43200 + 2000, 26*43200 + 2000, 84 * 43200, 3, 26 * 43200},
		{"each with its own workers", "bullmq,arq", 720, in{Workers: "2"}, set{"arq.workers": "1"}, (2*26 + 120) * 43200, (2*26 + 120) * 43200, 2 * 84 * 43200, 5, (2*26 + 120) * 43200},
	} {
		b := embeddedBook(t)
		list, err := b.Pick(strings.Split(test.apps, ",")...)
		if err != nil {
			t.Fatal(err)
		}
		l, err := b.Count(list, Values{test.inputs, test.settings}, test.hours)
		if err != nil {
			t.Errorf("%s: %v", test.name, err)
			continue
		}
		if got := l.Total.Low.Client; got != test.low {
			t.Errorf("%s: at least %d client commands, want %d", test.name, got, test.low)
		}
		if got := l.Total.High.Client; got != test.high {
			t.Errorf("%s: at most %d client commands, want %d", test.name, got, test.high)
		}
		if got := l.Total.High.Scripts; got != test.scripts {
			t.Errorf("%s: %d commands inside scripts, want %d", test.name, got, test.scripts)
		}
		if l.Connections != test.connections {
			t.Errorf("%s: %d connections, want %d", test.name, l.Connections, test.connections)
		}
		if got := l.Idle.High.Client; got != test.idle {
			t.Errorf("%s: %d idle, want %d", test.name, got, test.idle)
		}
	}
}

func TestCountRefuses(t *testing.T) {
	b := embeddedBook(t)
	for _, test := range []struct {
		apps   string
		values Values
		want   string
	}{
		{"bullmq", Values{Inputs: map[InputName]string{Workers: "-1"}}, "--workers -1 is negative"},
		{"bullmq", Values{Inputs: map[InputName]string{Workers: "1.5"}}, "--workers 1.5 is not a whole number"},
		{"bullmq", Values{Inputs: map[InputName]string{Workers: "many"}}, `--workers: "many" is not a plain decimal number`},
		{"bullmq", Values{Inputs: map[InputName]string{Workers: "1000001"}}, "--workers 1000001 is too large; the most is 1000000"},
		{"bullmq", Values{Inputs: map[InputName]string{PageViews: "5"}}, "--page-views is not an input of bullmq; it takes --workers, --queues, --jobs-per-day"},
		{"bullmq", Values{Settings: map[string]string{"drain_dely": "5"}}, `"drain_dely" is not a setting of bullmq; it has drain_delay, stalled_interval`},
		{"bullmq", Values{Settings: map[string]string{"drain_delay": "0"}}, "there must be a pause between polls"},
		{"bullmq", Values{Settings: map[string]string{"drain_delay": "-5"}}, "is negative"},
		{"connect-redis", Values{}, "connect-redis needs --page-views, the number of"},
		{"sentry", Values{}, "the number of commands that sentry sends is unknown"},
		{"next-auth", Values{}, "the number of commands that next-auth sends is unknown"},
		{"bullmq", Values{Inputs: map[InputName]string{Workers: "1000000", Queues: "100000", JobsPerDay: "100000000000"}, Settings: map[string]string{"drain_delay": "0.001"}}, "too many to count"},
	} {
		list, err := b.Pick(test.apps)
		if err != nil {
			t.Fatal(err)
		}
		_, err = b.Count(list, test.values, 730)
		if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s %v: error %v, want %q in it", test.apps, test.values, err, test.want)
		}
	}
}

func TestPick(t *testing.T) {
	b := embeddedBook(t)
	for name, want := range map[string]string{
		"bulmq":   `did you mean "bullmq"`,
		"Sidekik": `did you mean "sidekiq"?`,
		"laravel": `did you mean "laravel-cache", "laravel-horizon" or "laravel-queue"?`,
		"zzz":     `unknown application "zzz" (keynest fit --list lists all)`,
	} {
		if _, err := b.Pick(name); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", name, err, want)
		}
	}
	if _, err := b.Pick("bullmq", "BullMQ"); err == nil {
		t.Error("an application named twice is taken")
	}
}

// TestPresetsResemble: what a preset says that it is like is known here.
func TestPresetsResemble(t *testing.T) {
	b := embeddedBook(t)
	presets, err := workload.Presets()
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range presets {
		if len(p.Resembles) == 0 {
			t.Errorf("preset %s resembles no application", p.Name)
		}
		if _, err := b.Pick(p.Resembles...); err != nil {
			t.Errorf("preset %s: %v", p.Name, err)
		}
	}
}

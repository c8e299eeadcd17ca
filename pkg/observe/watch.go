package observe

import (
	"cmp"
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/keynest/keynest/pkg/commands"
	"github.com/keynest/keynest/pkg/unit"
)

const (
	// lookEvery is the time between two looks at the rate; in a cluster of more than
	// nodesPerLook nodes it is as many times longer.
	lookEvery    = time.Second
	nodesPerLook = 64
	// looksPerCheckpoint is after how many looks a whole sample is taken, so that
	// there are figures even if a server is lost.
	looksPerCheckpoint = 10
	// lostAfter is how many looks in a row must fail before a server counts as lost.
	lostAfter = 5
)

// watch looks at the nodes again and again while the interval passes.
type watch struct {
	live    Live
	nodes   []*liveNode
	classes commands.Classes
	every   time.Duration
	peak    int64 // millionths of a command/s, over all nodes together
	rates   int   // how many went into the peak
	looks   int
}

// glance is how many of the workload's commands a node had counted at a time.
type glance struct {
	served         int64
	sent, received time.Time
}

func (l Live) watch(nodes []*liveNode) *watch {
	w := &watch{live: l, nodes: nodes, classes: commands.NewClasses(), every: cmp.Or(l.look, lookEvery)}
	w.every *= time.Duration(1 + (len(nodes)-1)/nodesPerLook)
	for _, n := range nodes {
		n.observeServed(w.classes)
	}
	return w
}

// wait passes the interval, telling how much is left. It returns early when it is
// cancelled and when a primary is lost.
func (w *watch) wait(ctx context.Context, begin time.Time) {
	tick := time.NewTicker(w.every)
	defer tick.Stop()
	last := begin.Add(w.live.Interval)
	end := time.NewTimer(time.Until(last))
	defer end.Stop()
	for {
		if w.live.Progress != nil {
			w.live.Progress(len(w.nodes), time.Until(last).Round(time.Second))
		}
		select {
		case <-ctx.Done():
			return
		case <-end.C:
			return
		case <-tick.C:
		}
		if ctx.Err() == nil && time.Until(last) > w.every/2 && w.look(context.WithoutCancel(ctx)) {
			return
		}
	}
}

// look reads the rate of every node at the same time. It says whether a primary is
// lost.
func (w *watch) look(ctx context.Context) (lost bool) {
	w.looks++
	whole := w.looks%looksPerCheckpoint == 0
	_ = each(w.nodes, func(n *liveNode) error {
		if whole {
			n.checkpoint(ctx)
		} else {
			n.glimpse(ctx)
		}
		return nil
	})
	w.sum()
	if whole {
		w.keep()
	}
	for _, n := range w.nodes {
		lost = lost || n.failures >= lostAfter && !n.first().isReplica()
	}
	return lost
}

// sum adds the nodes' rates of the last look.
func (w *watch) sum() {
	sum, some := int64(0), false
	for _, n := range w.nodes {
		if n.rate >= 0 {
			sum, some = saturate(sum, n.rate), true
		}
		n.rate = -1
	}
	if some {
		w.peak = max(w.peak, sum)
		w.rates++
	}
}

// keep makes the new samples the checkpoint, where every node has one.
func (w *watch) keep() {
	for _, n := range w.nodes {
		if n.pending == nil {
			return
		}
	}
	for _, n := range w.nodes {
		n.kept, n.pending = n.pending, nil
	}
}

// moments are the rates that were read, with that up to the second samples.
func (w *watch) moments() *moments {
	for _, n := range w.nodes {
		if len(n.samples) == 2 {
			n.served(n.samples[1].info, n.samples[1].sent, n.samples[1].received)
		}
	}
	w.sum()
	if w.rates == 0 {
		return nil
	}
	return &moments{peak: w.peak, count: w.rates, every: w.every}
}

// observeServed makes the first sample the first of the glances.
func (n *liveNode) observeServed(classes commands.Classes) {
	n.rate, n.classes = -1, classes
	first := n.samples[len(n.samples)-1]
	n.served(first.info, first.sent, first.received)
}

// first is the first sample.
func (n *liveNode) first() *Info { return n.samples[0].info }

// section is what a glance asks for: the counts by command, which tell replication
// and administration from the workload, or the total where there are none.
func (n *liveNode) section() string {
	if len(n.first().Commands) > 0 {
		return "commandstats"
	}
	return "stats"
}

// glimpse reads the commands counted until now.
func (n *liveNode) glimpse(ctx context.Context) {
	n.infos++
	sent := time.Now()
	m, err := n.do(ctx, "INFO", n.section())
	text := ""
	if err == nil {
		text, err = m.ToString()
	}
	received := time.Now()
	n.free(int64(len(text)))
	if err != nil {
		n.failures++
		return
	}
	n.failures = 0
	if in, err := ParseInfo(n.target.Name(), text); err == nil && !strings.HasPrefix(text, "-") {
		n.served(in, sent, received)
	}
}

// checkpoint reads a whole sample and keeps it in place of the one before.
func (n *liveNode) checkpoint(ctx context.Context) {
	m, err := n.mark(ctx)
	if err != nil {
		n.failures++
		return
	}
	n.failures = 0
	if n.pending != nil {
		n.free(n.pending.info.Bytes)
	}
	if n.kept != nil {
		n.free(n.kept.info.Bytes)
	}
	n.pending = &m
	n.served(m.info, m.sent, m.received)
}

// served computes the rate since the last glance, in millionths, over the longest
// time that may lie between the two, so that a slow reply makes no peak.
func (n *liveNode) served(in *Info, sent, received time.Time) {
	now := glance{sent: sent, received: received}
	if len(n.first().Commands) > 0 {
		counts := map[string]int64{}
		for name, stat := range in.Commands {
			counts[name] = stat.Calls
		}
		if n.first().isReplica() {
			counts = n.classes.OnReplica(counts, n.first().replicatesEffects())
		}
		var mix commands.Mix
		mix.Add(n.classes, counts)
		now.served = mix.Workload()
	} else if processed, ok := in.count("total_commands_processed"); ok && !n.first().isReplica() {
		now.served = processed - n.infos
	}
	before := n.last
	n.last = &now
	if before == nil || now.served < before.served {
		return
	}
	micros := now.received.Sub(before.sent).Microseconds()
	if micros <= 0 {
		return
	}
	if rate, err := unit.MulDiv(uint64(now.served-before.served), 1e12, uint64(micros)); err == nil {
		n.rate = rate
	}
}

// without drops the replicas that could not be asked again, and says so.
func without(nodes []*liveNode, notes []string) (left []*liveNode, all []string) {
	for _, n := range nodes {
		if len(n.samples) < 2 && n.first().isReplica() && n.kept == nil {
			notes = append(notes, fmt.Sprintf("the replica %s was lost; the reads that it served are not in the figures", n.target.Name()))
			n.close()
			continue
		}
		left = append(left, n)
	}
	return left, notes
}

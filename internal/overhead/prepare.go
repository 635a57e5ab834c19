package overhead

import (
	"context"
	"crypto/sha256"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"brrtload/internal/process"
	"brrtload/internal/service"
	"brrtload/scenarios"
)

// What the pilot aims at: together the arms use so much of their CPU, or of one core.
const (
	pilotCores = 0.3
	pilotLoad  = 600.0 // hits per second, of all arms together, to begin with
	minLoad    = 60.0
	maxLoad    = 6000.0
	warmTime   = time.Second
)

var pilotTimes = []time.Duration{500 * time.Millisecond, time.Second, time.Second}

// pilot loads the arms lightly and sets the load by what they need for a hit.
func (x *experiment) pilot(ctx context.Context) error {
	d := &x.record.Design
	d.Load = x.Load
	if d.Load == 0 {
		d.Load = pilotLoad
		// the first hits are not like the others, and a hit costs less where there are more
		for _, length := range pilotTimes {
			each, err := x.warm(ctx, length)
			if err != nil {
				return err
			}
			d.Load = min(max(pilotCores/each, minLoad), maxLoad)
			x.Say(fmt.Sprintf("pilot: at %.0f hits/s a hit costs about %.0f µs of CPU", d.Load, each*1e6))
		}
	}
	if d.Rate == 0 {
		d.Rate = d.Load / 3
	}
	x.Say(fmt.Sprintf("load: %.0f hits/s, which %d arms share; overhead is stated for %.0f hits/s", d.Load,
		len(x.services), d.Rate))
	return nil
}

// warmUp loads the arms before anything is measured in a session, as long as a block takes, and at
// most a second.
func (x *experiment) warmUp(ctx context.Context) error {
	_, err := x.warm(ctx, min(warmTime, x.Block))
	return err
}

// warm loads the arms for a while, and gives the CPU time of a hit, of all arms on average.
func (x *experiment) warm(ctx context.Context, d time.Duration) (float64, error) {
	x.warmed++
	turns := deal(x.Seed, warmFrom+x.warmed, len(x.services), x.record.Design.Load*d.Seconds())
	before, err := x.clocks()
	if err != nil {
		return 0, err
	}
	ledgers, err := x.send(ctx, turns)
	if err != nil {
		return 0, err
	}
	after, err := x.clocks()
	if err != nil {
		return 0, err
	}
	used, hits := 0.0, 0.0
	for i, l := range ledgers {
		var m Measurement
		m.account(l.Snapshot(), turns.each)
		x.sent[i].add(m)
		used, hits = used+seconds(after[i]-before[i]), hits+float64(m.Hits)
	}
	return used / max(hits, 1), nil
}

// warmFrom is where the numbers of the blocks that warm up begin, after all others.
const warmFrom = 1 << 20

// alikeHits is how many hits the arms must answer alike before they are compared. Of hits that are
// the same one is enough.
const alikeHits = 200

// alikeFrom is the first of the plan's hits that they are; blocks do not come so far.
const alikeFrom = 1 << 31

// alike sends the same hits to every arm, one after the other, and objects when an arm answers one
// unlike the baseline: by its status, and by its body where two baselines give the same one.
func (x *experiment) alike(ctx context.Context) error {
	asked := map[int]bool{} // messages that many hits share, by their index
	for n := range uint64(alikeHits) {
		h := x.plan.Hit(alikeFrom + n)
		if h.Err != nil {
			return h.Err
		}
		if asked[h.Message.Index] {
			continue
		}
		asked[h.Message.Index] = h.Message.Index >= 0
		said := make([]answered, len(x.services))
		var err error
		for arm, s := range x.services {
			if said[arm], err = ask(ctx, s, h); err != nil {
				return fmt.Errorf("arm %s: %s: %w%s", x.Arms[arm].Name, h.Request.Name.Value, err, s.Tail())
			}
			x.sent[arm].add(Measurement{Hits: 1, Answers: map[string]uint64{fmt.Sprintf("%s %d", h.Request.Name.Value,
				said[arm].status): 1}})
		}
		for arm, a := range said[1:] {
			switch {
			case a.status != said[0].status:
				x.object("%s answers %q with status %d where the baseline answers %d: they do not do the same work",
					x.Arms[arm+1].Name, h.Request.Name.Value, a.status, said[0].status)
				return nil
			case arm > 0 && said[1].body == said[0].body && a.body != said[0].body: // arm 1 is the twin
				x.object("%s answers %q with another body than the baseline: they do not do the same work",
					x.Arms[arm+1].Name, h.Request.Name.Value)
				return nil
			}
		}
	}
	return nil
}

// answered is an answer.
type answered struct {
	status int
	body   [sha256.Size]byte
}

func ask(ctx context.Context, s *service.Service, h scenarios.Hit) (answered, error) {
	request, err := http.NewRequestWithContext(ctx, h.Message.Method, s.URL+h.Message.Path,
		strings.NewReader(string(h.Message.Body)))
	if err != nil {
		return answered{}, err
	}
	for _, f := range h.Message.Header {
		request.Header.Add(f.Name, f.Value)
	}
	answer, err := http.DefaultTransport.RoundTrip(request)
	if err != nil {
		return answered{}, err
	}
	defer answer.Body.Close()
	sum := sha256.New()
	if _, err := io.Copy(sum, io.LimitReader(answer.Body, asked)); err != nil {
		return answered{}, err
	}
	return answered{answer.StatusCode, [sha256.Size]byte(sum.Sum(nil))}, nil
}

func (x *experiment) object(format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	for _, known := range x.record.Objections {
		if known == text {
			return
		}
	}
	x.record.Objections = append(x.record.Objections, text)
}

// scrapes reads the metrics of every arm that has them, and what that cost it.
func (x *experiment) scrapes(ctx context.Context) []Scrape {
	list := make([]Scrape, len(x.services))
	for i, s := range x.services {
		path := x.running[i].Command.Metrics
		if path == "" {
			continue
		}
		before, err := process.CPU(served(s))
		if err != nil {
			continue // the arm is gone, and its next slice says so
		}
		body, status, err := fetch(ctx, address(s, path), http.Header{"Accept": {"text/plain;version=0.0.4"},
			"Accept-Encoding": {"identity"}})
		if err != nil || status != http.StatusOK {
			x.object("%s does not answer %s with its metrics (status %d, %v): its telemetry is not delivered",
				x.Arms[i].Name, path, status, err)
			continue
		}
		_ = pause(ctx, 5*time.Millisecond) // until the arm has put its things away; a ctx that ends ends the next slice
		after, err := process.CPU(served(s))
		if err != nil {
			continue
		}
		list[i] = Scrape{CPU: seconds(after - before), Bytes: len(body), Samples: samples(body)}
	}
	return list
}

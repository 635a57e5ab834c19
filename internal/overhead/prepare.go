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

// What the pilot aims at: the slowest arm uses a quarter of a core at the high rate, so that it stays under 30 %.
const (
	pilotCores = 0.25
	pilotRate  = 200.0 // hits per second
	pilotTime  = time.Second
	minRate    = 40.0
	maxRate    = 4000.0
	ratesApart = 4.0 // high rate ÷ low rate
	warmTime   = time.Second
)

// pilot loads every arm lightly and sets the rates by what the slowest needs for a hit.
func (x *experiment) pilot(ctx context.Context) error {
	slowest := 0.0
	for arm := range x.services {
		if _, err := x.slice(ctx, arm, pilotRate, pilotTime/2, x.Seed); err != nil { // the first hits are not like the others
			return err
		}
		s, err := x.slice(ctx, arm, pilotRate, pilotTime, x.Seed)
		if err != nil {
			return err
		}
		slowest = max(slowest, s.busy/pilotRate)
	}
	d := &x.record.Design
	d.High = maxRate
	if slowest > 0 {
		d.High = min(max(pilotCores/slowest, minRate), maxRate)
	}
	d.Low = d.High / ratesApart
	if d.Rate == 0 {
		d.Rate = d.High
	}
	x.Say(fmt.Sprintf("pilot: %.0f and %.0f hits/s, at %.0f µs a hit of the slowest arm; overhead is stated for %.0f hits/s",
		d.High, d.Low, slowest*1e6, d.Rate))
	return nil
}

// warmUp loads every arm at the high rate before anything is measured in a session.
func (x *experiment) warmUp(ctx context.Context) error {
	for arm := range x.services {
		if _, err := x.slice(ctx, arm, x.record.Design.High, warmTime, x.Seed); err != nil {
			return err
		}
	}
	return nil
}

// alikeHits is how many hits the arms must answer alike before they are compared.
const alikeHits = 200

// alike sends the same hits to every arm, one after the other, and objects when an arm answers one unlike the baseline: by its status, and by its body where
// two baselines give the same one.
func (x *experiment) alike(ctx context.Context) error {
	plan, err := planned(x.Scenario, alikeHits, time.Second, x.Seed)
	if err != nil {
		return err
	}
	for n := range plan.Hits() {
		h := plan.Hit(n)
		if h.Err != nil {
			return h.Err
		}
		said := make([]said, len(x.services))
		for arm, s := range x.services {
			if said[arm], err = ask(ctx, s, h); err != nil {
				return fmt.Errorf("arm %s: %s: %w%s", x.Arms[arm].Name, h.Request.Name.Value, err, s.Tail())
			}
			x.sent[arm].add(slice{hits: 1, answers: map[string]uint64{fmt.Sprintf("%s %d", h.Request.Name.Value, said[arm].status): 1}})
		}
		for arm, a := range said[1:] {
			switch {
			case a.status != said[0].status:
				x.object("%s answers %q with status %d where the baseline answers %d: they do not do the same work",
					x.Arms[arm+1].Name, h.Request.Name.Value, a.status, said[0].status)
				return nil
			case arm > 0 && said[1].body == said[0].body && a.body != said[0].body: // arm 1 is the twin
				x.object("%s answers %q with another body than the baseline: they do not do the same work", x.Arms[arm+1].Name, h.Request.Name.Value)
				return nil
			}
		}
	}
	return nil
}

// said is an answer.
type said struct {
	status int
	body   [sha256.Size]byte
}

func ask(ctx context.Context, s *service.Service, h scenarios.Hit) (said, error) {
	request, err := http.NewRequestWithContext(ctx, h.Message.Method, s.URL+h.Message.Path, strings.NewReader(string(h.Message.Body)))
	if err != nil {
		return said{}, err
	}
	for _, f := range h.Message.Header {
		request.Header.Add(f.Name, f.Value)
	}
	answer, err := http.DefaultTransport.RoundTrip(request)
	if err != nil {
		return said{}, err
	}
	defer answer.Body.Close()
	sum := sha256.New()
	if _, err := io.Copy(sum, io.LimitReader(answer.Body, asked)); err != nil {
		return said{}, err
	}
	return said{answer.StatusCode, [sha256.Size]byte(sum.Sum(nil))}, nil
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
		path := x.Arms[i].Command.Metrics
		if path == "" {
			continue
		}
		before, err := process.CPU(s.Process.PID())
		if err != nil {
			continue // the arm is gone, and its next slice says so
		}
		body, status, err := fetch(ctx, s.URL+path, http.Header{"Accept": {"text/plain;version=0.0.4"}, "Accept-Encoding": {"identity"}})
		if err != nil || status != http.StatusOK {
			x.object("%s does not answer %s with its metrics (status %d, %v): its telemetry is not delivered", x.Arms[i].Name, path, status, err)
			continue
		}
		_ = pause(ctx, 5*time.Millisecond) // until the arm has put its things away; a ctx that ends ends the next slice
		after, err := process.CPU(s.Process.PID())
		if err != nil {
			continue
		}
		list[i] = Scrape{CPU: seconds(after - before), Bytes: len(body)}
	}
	return list
}

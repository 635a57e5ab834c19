// Command benchload measures what a hit costs brrtload and its peers: whole processes side by side
// against one responder.
//
// Each repetition runs every case once, in an order that turns, so that a machine that slows down
// slows all of them. The responder (nginx) has one core and the client another. CPU time is the
// client process's own, from the kernel; latency is what each tool says. What was measured goes to
// a JSON file and a Markdown file for each of the two comparisons: what a hit costs (bench-load),
// and what scrapes do to the hits, on a quiet machine and on a busy one (bench-scrapes).
//
//	go run ./internal/load/benchload -brrtload bin/brrtload -out docs/evidence
//
// With -before another build of brrtload takes part in bench-scrapes, so that a change is seen in
// one run.
//
// It needs nginx, wrk and taskset (Debian: nginx-light, wrk, util-linux), and the Go command to
// build vegeta and hey.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"time"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := bench(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "benchload:", err)
		os.Exit(1)
	}
}

func bench(ctx context.Context) error {
	brrtload := flag.String("brrtload", "bin/brrtload", "the `binary` to measure")
	runs := flag.Int("runs", 5, "repetitions")
	length := flag.Duration("duration", 10*time.Second, "load of one run")
	out := flag.String("out", "docs/evidence", "`directory` for the JSON and Markdown files")
	before := flag.String("before", "", "another `binary` of brrtload, to be measured beside it in bench-scrapes")
	only := flag.String("only", "", "one `comparison`: bench-load, bench-engines or bench-scrapes")
	target := flag.String("bare", "", "be the bare client of this `URL`, at 5,000 hits a second")
	busy := flag.Bool("busy", false, "be a neighbour that uses a core for as long as -duration says")
	flag.Parse()
	switch {
	case *target != "":
		return bare(*target, 5000, *length)
	case *busy:
		use(*length)
		return nil
	}

	dir, err := os.MkdirTemp("", "benchload")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir) //nolint:errcheck // a directory of ours in the temporary one
	r, err := respond(ctx, dir)
	if err != nil {
		return err
	}
	defer r.stop()
	b := bencher{dir: dir, url: r.url, length: *length, brrtload: *brrtload, before: *before}
	for _, binary := range []*string{&b.brrtload, &b.before} {
		if *binary == "" {
			continue
		}
		if *binary, err = filepath.Abs(*binary); err != nil {
			return err
		}
	}
	if err := b.prepare(ctx); err != nil {
		return err
	}
	var short []string
	for _, c := range comparisons {
		if *only != "" && *only != c.name {
			continue
		}
		report := Report{Where: where(), Began: time.Now().UTC(), Duration: length.Seconds()}
		all := c.cases(b)
		for i := range *runs {
			for j := range all {
				c := all[(i+j)%len(all)]
				m, err := c.measure(ctx, r.cmd.Process.Pid, *length)
				if err != nil {
					return fmt.Errorf("%s: %w", c.Tool, err)
				}
				fmt.Fprintf(os.Stderr, "%d/%d %s\n", i+1, *runs, m)
				report.Runs = append(report.Runs, m)
			}
		}
		if err := report.write(filepath.Join(*out, c.name), c.markdown(report)); err != nil {
			return err
		}
		short = append(short, c.floors(report)...)
	}
	if len(short) > 0 {
		return errors.New(strings.Join(short, "; "))
	}
	return nil
}

// comparison is a set of cases that are measured in turn, and what is made of them.
type comparison struct {
	name     string
	cases    func(bencher) []run
	markdown func(Report) string
	floors   func(Report) []string // what a report falls short of
}

var comparisons = []comparison{
	{"bench-load", bencher.costs, Report.markdown, floors},
	{"bench-engines", bencher.engines, Report.engines, engineFloors},
	{"bench-scrapes", bencher.scrapes, Report.scrapes, scrapeFloors},
}

// write keeps a report in a JSON file and a Markdown file, and prints the latter.
func (r Report) write(path, text string) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	raw, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		return err
	}
	if err := os.WriteFile(path+".json", append(raw, '\n'), 0o644); err != nil {
		return err
	}
	fmt.Print(text)
	return os.WriteFile(path+".md", []byte(text), 0o644)
}

// Command benchload measures what a hit costs brrtload and its peers: whole processes side by side against one responder.
//
// Each repetition runs every case once, in an order that turns, so that a machine that slows down slows all of them. The
// responder (nginx) has one core and the client another. CPU time is the client process's own, from the kernel; latency
// is what each tool says. What was measured goes to a JSON file and a Markdown file; the last line printed has the ratios.
//
//	go run ./internal/load/benchload -brrtload bin/brrtload -out docs/evidence
//
// It needs nginx, wrk and taskset (Debian: nginx-light, wrk, util-linux), and the Go command to build vegeta and hey.
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
	out := flag.String("out", "docs/evidence", "`directory` for bench-load.json and bench-load.md")
	target := flag.String("bare", "", "be the bare client of this `URL`, at 5,000 hits a second")
	flag.Parse()
	if *target != "" {
		return bare(*target, 5000, *length)
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
	binary, err := filepath.Abs(*brrtload)
	if err != nil {
		return err
	}
	all, err := cases(ctx, dir, binary, r.url, *length)
	if err != nil {
		return err
	}
	report := Report{Where: where(), Began: time.Now().UTC(), Duration: length.Seconds()}
	for i := range *runs {
		for j := range all {
			c := all[(i+j)%len(all)]
			m, err := c.measure(ctx, r.cmd.Process.Pid)
			if err != nil {
				return fmt.Errorf("%s: %w", c.Tool, err)
			}
			fmt.Fprintf(os.Stderr, "%d/%d %s\n", i+1, *runs, m)
			report.Runs = append(report.Runs, m)
		}
	}
	if err := report.write(*out); err != nil {
		return err
	}
	if short := floors(report); len(short) > 0 {
		return errors.New(strings.Join(short, "; "))
	}
	return nil
}

func (r Report) write(dir string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	raw, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(dir, "bench-load.json"), append(raw, '\n'), 0o644); err != nil {
		return err
	}
	text := r.markdown()
	fmt.Print(text)
	return os.WriteFile(filepath.Join(dir, "bench-load.md"), []byte(text), 0o644)
}

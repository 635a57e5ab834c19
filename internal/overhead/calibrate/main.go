// Command calibrate finds out how far `brrtload overhead` can be believed, by experiments whose
// truth is known: candidate and baseline are the same program, and the candidate uses exactly so
// much more CPU time for every hit, by the clock of its thread.
//
// Each experiment is added to a file of evidence as soon as it has ended, so that one may stop and
// go on later; the kinds of experiment take turns. From all the evidence it then writes a page on
// coverage, bias, false positives and the time to a decision.
//
//	go run ./internal/overhead/calibrate -for 10m
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"time"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := calibrate(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "calibrate:", err)
		os.Exit(1)
	}
}

func calibrate(ctx context.Context) error {
	length := flag.Duration("for", 10*time.Minute, "begin no experiment after this `time`; 0 only writes the page")
	evidence := flag.String("evidence", "docs/evidence/overhead-calibration/experiments.jsonl.gz",
		"`file` that experiments are added to")
	page := flag.String("page", "docs/overhead-calibration.md", "`file` that is written")
	flag.Parse()

	all, err := read(*evidence)
	if err != nil {
		return err
	}
	for until := time.Now().Add(*length); time.Now().Before(until) && ctx.Err() == nil; {
		e, err := carryOut(ctx, next(all), all)
		if errors.Is(err, context.Canceled) {
			break // a part of an experiment is none
		}
		if err != nil {
			return err
		}
		if err := add(*evidence, e); err != nil {
			return err
		}
		all = append(all, e)
		fmt.Fprintf(os.Stderr, "calibrate: %d: %s\n", len(all), e)
	}
	return os.WriteFile(*page, []byte(write(again(all))), 0o644)
}

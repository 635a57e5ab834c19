package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
)

// interrupts turns SIGINT, SIGTERM and SIGHUP into the two ways of stopping: the first closes stop,
// so that the load drains and the report is written; the second cancels the context, which cuts
// everything. A third has the effect that the system gives it, should even that take too long. Call
// release when done.
func interrupts(parent context.Context, stderr io.Writer) (ctx context.Context, stop <-chan struct{}, release func()) {
	ctx, cancel := context.WithCancel(parent)
	drain := make(chan struct{})
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	if !signal.Ignored(syscall.SIGHUP) { // as it is under nohup(1)
		signal.Notify(signals, syscall.SIGHUP)
	}
	finished := make(chan struct{})
	go func() {
		select {
		case <-signals:
			fmt.Fprintln(stderr, "brrtload: interrupted; sending no more, waiting for what is in flight (once more to cut it off)")
			close(drain)
		case <-finished:
			return
		}
		select {
		case <-signals:
			fmt.Fprintln(stderr, "brrtload: cutting off what is in flight (once more to leave at once, without a report)")
			signal.Stop(signals)
			cancel()
		case <-finished:
		}
	}()
	return ctx, drain, func() {
		signal.Stop(signals)
		close(finished)
		cancel()
	}
}

package main

import (
	"runtime"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// busy: busy N keeps N threads of this process busy until the script ends, two minutes at most.
func busy(ts *testscript.TestScript, neg bool, args []string) {
	n := 0
	if len(args) == 1 {
		var err error
		n, err = strconv.Atoi(args[0])
		ts.Check(err)
	}
	if neg || n < 1 {
		ts.Fatalf("usage: busy N")
	}
	var over atomic.Bool
	before := runtime.GOMAXPROCS(n + 2)
	until := time.Now().Add(2 * time.Minute)
	for range n {
		go func() {
			for !over.Load() && time.Now().Before(until) {
			}
		}()
	}
	ts.Defer(func() {
		over.Store(true)
		runtime.GOMAXPROCS(before)
	})
}

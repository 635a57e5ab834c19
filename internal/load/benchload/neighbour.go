package main

import (
	"context"
	"os"
	"os/exec"
	"runtime"
	"time"
)

// neighbour starts a process that uses all of the responder's core until it is asked to leave, and
// for d at most. leave returns the CPU time that it took.
func neighbour(ctx context.Context, d time.Duration) (leave func() time.Duration, err error) {
	cmd := exec.CommandContext(ctx, "taskset", "-c", responderCore, self(), "-busy", "-duration", d.String())
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	return func() time.Duration {
		_ = cmd.Process.Kill() // it ends by itself, too
		_ = cmd.Wait()         // it was killed, and says so
		return cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
	}, nil
}

// use uses a core for d.
func use(d time.Duration) {
	runtime.LockOSThread()
	for end := time.Now().Add(d); time.Now().Before(end); {
		for range 1000 { //nolint:revive // it is to use CPU time
		}
	}
}

// self is the program itself, started anew for what has to be a process of its own.
func self() string {
	path, err := os.Executable()
	if err != nil {
		return os.Args[0]
	}
	return path
}

// Command targetsvc is a small instrumented service for brrtload to drive: a router, security
// providers, and handlers on long-lived coroutines behind bounded mailboxes. Built with the tag
// notelemetry it is the same service without telemetry.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/signal"
	"runtime"
	"syscall"

	"brrtload/targetsvc/internal/admin"
	"brrtload/targetsvc/internal/config"
	"brrtload/targetsvc/internal/fault"
	"brrtload/targetsvc/internal/service"
	"brrtload/targetsvc/internal/telemetry"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, os.Interrupt)
	defer stop()
	os.Exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

// Exit statuses.
const (
	exitOK    = 0
	exitError = 1 // could not start, or could not end in order
	exitUsage = 2
)

func run(ctx context.Context, arguments []string, stdout, stderr io.Writer) int {
	o, err := parse(arguments, os.Environ(), stderr)
	switch {
	case errors.Is(err, flag.ErrHelp):
		return exitOK
	case err != nil:
		fmt.Fprintln(stderr, "targetsvc:", err)
		return exitUsage
	case o.listFaults:
		if err := fault.List(stdout); err != nil {
			return exitError
		}
		return exitOK
	}
	if err := serve(ctx, o, stderr); err != nil {
		fmt.Fprintln(stderr, "targetsvc:", err)
		return exitError
	}
	return exitOK
}

// serve listens, answers until the context ends, and ends in order.
func serve(ctx context.Context, o options, stderr io.Writer) error {
	main, err := listen(o.config.Listen, o.allowRemote)
	if err != nil {
		return err
	}
	defer main.Close()
	aside, err := listen(o.config.Admin, false)
	if err != nil {
		return err
	}
	defer aside.Close()
	if o.config.RemoteURL == "" {
		o.config.RemoteURL = "http://" + aside.Addr().String() + "/verify"
	}
	runtime.MemProfileRate = o.config.HeapProfileRate
	t, s, err := assemble(o, stderr)
	if err != nil {
		return err
	}
	usual := usualLimits(o.config.KeepAlive)
	servers := []*http.Server{newServer(s.Handler(), usual), newServer(admin.Handler(t, s, o.faults), usual)}
	failed := make(chan error, len(servers))
	for i, listener := range []net.Listener{main, aside} {
		go func() { failed <- servers[i].Serve(listener) }()
	}
	reload := make(chan os.Signal, 1) // before the announcement: a signal right after it is a reload
	signal.Notify(reload, syscall.SIGHUP)
	defer signal.Stop(reload)
	if o.announce != "" {
		here := announcement{os.Getpid(), main.Addr().String(), aside.Addr().String()}
		if err := announce(o.announce, here); err != nil {
			return err
		}
	}
	for {
		select {
		case <-reload:
			if err := s.Reload(); err != nil {
				fmt.Fprintln(stderr, "targetsvc:", err)
			}
		case err := <-failed:
			return err
		case <-ctx.Done():
			return drain(o, servers, s, t)
		}
	}
}

// assemble makes the telemetry and the service that states facts to it.
func assemble(o options, stderr io.Writer) (*telemetry.Telemetry, *service.Service, error) {
	c := o.config
	t, err := telemetry.New(telemetry.Options{Groups: o.groups, Log: stderr, Level: c.LogLevel, Version: version,
		Revision: revision(), Mailboxes: []int{c.Mailbox}, Period: c.ExpositionPeriod,
		Preset: c.LabelSets == config.LabelSetsPreset})
	if err != nil {
		return nil, nil, err
	}
	o.faults.Lie(t)
	t.Configured(o.configPath, c.StaticDir != "", c.DocDir != "", c.KeepAlive)
	s, err := service.New(c, t, o.faults)
	return t, s, err
}

// drain lets requests in flight finish, then the coroutines, then the telemetry, all within the
// configured time.
func drain(o options, servers []*http.Server, s *service.Service, t *telemetry.Telemetry) error {
	s.Drain()
	o.faults.Close()
	ctx, cancel := context.WithTimeout(context.Background(), o.config.Drain)
	defer cancel()
	var errs []error
	for _, server := range servers {
		errs = append(errs, server.Shutdown(ctx))
	}
	return errors.Join(append(errs, s.Close(ctx), t.Close(ctx))...)
}

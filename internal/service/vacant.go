package service

import (
	"cmp"
	"context"
	"fmt"
	"net"
	"net/url"
	"strconv"
	"strings"
	"time"

	"brrtload/internal/process"
)

// dialTime is how long an address may take to answer before it is taken for vacant.
const dialTime = time.Second

// Vacant reports by its error that something listens already where a service that we have yet to
// start is to answer: at the URL, or at the Unix socket when a path is given. What it serves is not
// what the command starts.
func Vacant(ctx context.Context, address, unix string) error {
	network, place := "unix", unix
	if unix == "" {
		u, err := url.Parse(address)
		if err != nil {
			return nil // found when the scenario was read
		}
		network, place = "tcp", net.JoinHostPort(u.Hostname(), strconv.Itoa(port(address)))
	}
	dialer := net.Dialer{Timeout: dialTime}
	conn, err := dialer.DialContext(ctx, network, place)
	if err != nil {
		return nil
	}
	conn.Close() //nolint:errcheck // nothing was sent
	return fmt.Errorf("before the target was started, %s listened at %s already; stop it, or, when the command starts the service elsewhere, write target.listener: any",
		listener(unix, address), place)
}

// listener names what listens at an address, as far as it is known.
func listener(unix, address string) string {
	if unix != "" {
		return "a process"
	}
	var names []string
	for _, pid := range process.Listeners(port(address)) {
		names = append(names, fmt.Sprintf("process %d (%s)", pid, process.Name(pid)))
	}
	return cmp.Or(strings.Join(names, " and "), "a process of another user or machine")
}

package discover

import (
	"fmt"
	"net"
	"net/url"
	"slices"
	"strconv"
	"time"

	"brrtload/internal/process"
)

// processes says whether the process behind the metrics is the one that serves, as far as this machine shows it.
func processes(service *url.URL, r *reader) string {
	metrics, err := url.Parse(r.url)
	if err != nil {
		return ""
	}
	if !local(service.Hostname()) {
		if metrics.Host == service.Host {
			return "same address; the process is on another machine"
		}
		return "another address; not known, the processes are on another machine"
	}
	serving, exposing := process.Listeners(port(service)), process.Listeners(port(metrics))
	switch {
	case len(serving) == 0:
		return "not known: the process is another user's"
	case len(serving) > 1:
		return fmt.Sprintf("%d processes serve this port: counts of one scrape may be of one of them", len(serving))
	case !slices.Equal(serving, exposing):
		return fmt.Sprintf("another process exposes the metrics than serves: %v, %v", exposing, serving)
	}
	text := fmt.Sprintf("yes: %s, pid %d", process.Name(serving[0]), serving[0])
	for _, x := range r.endpoint.Values() {
		if x.Family != "process_start_time_seconds" {
			continue
		}
		began, err := process.Started(serving[0])
		if said := time.UnixMilli(int64(1000 * x.Value)); err == nil && said.Sub(began).Abs() > 3*time.Second {
			return text + fmt.Sprintf("; but process_start_time_seconds is off by %s", said.Sub(began).Round(time.Second))
		}
		return text + ", and process_start_time_seconds agrees"
	}
	return text
}

func local(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

func port(u *url.URL) int {
	n, err := strconv.Atoi(u.Port())
	if err != nil {
		return map[string]int{"http": 80, "https": 443}[u.Scheme]
	}
	return n
}

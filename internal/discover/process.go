package discover

import (
	"fmt"
	"net"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"brrtload/internal/process"
)

// processes reports whether the process behind the metrics is the one that serves, as far as this
// machine shows it: whether several answer in turn, and whether all requests were counted.
func processes(service *url.URL, r *reader, turns, counted bool) string {
	metrics, err := url.Parse(r.url)
	if err != nil {
		return ""
	}
	if !local(service.Hostname()) {
		if metrics.Host == service.Host {
			return "metrics are at the service's address; its process is on another machine"
		}
		return "metrics are at another address than the service; the processes are on another machine"
	}
	serving, exposing := process.Listeners(portOf(service)), process.Listeners(portOf(metrics))
	listed := func(pids []int) string {
		var each []string
		for _, pid := range pids {
			each = append(each, fmt.Sprintf("%s %d", process.Name(pid), pid))
		}
		return strings.Join(each, ", ")
	}
	switch {
	case len(serving) == 0:
		return "unknown: it belongs to another user"
	case len(exposing) > 0 && !slices.ContainsFunc(exposing, func(pid int) bool { return slices.Contains(serving, pid) }):
		return fmt.Sprintf(
			"the metrics are of another process (%s) than serves (%s): its process_* and go_* are its own",
			listed(exposing),
			listed(serving),
		)
	case turns:
		return fmt.Sprintf("SEVERAL answer in turn, each with its own counts: %s", listed(serving))
	case len(serving) > 1 && counted:
		return fmt.Sprintf(
			"%d listen (%s), and no request was missed: one serves, or their counts are merged",
			len(serving),
			listed(serving),
		)
	case len(serving) > 1:
		return fmt.Sprintf("%d listen: %s; a scrape may show the counts of one", len(serving), listed(serving))
	}
	text := "metrics are of the process that serves: " + listed(serving)
	for _, x := range r.endpoint.Values() {
		if x.Family != "process_start_time_seconds" {
			continue
		}
		began, err := process.Started(serving[0])
		if said := time.UnixMilli(int64(1000 * x.Value)); err == nil && said.Sub(began).Abs() > 3*time.Second {
			return text + fmt.Sprintf(
				"; but process_start_time_seconds is off by %s",
				said.Sub(began).Round(time.Second),
			)
		}
		return text + ", and process_start_time_seconds agrees"
	}
	return text
}

func local(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

func portOf(u *url.URL) int {
	n, err := strconv.Atoi(u.Port())
	if err != nil {
		return map[string]int{"http": 80, "https": 443}[u.Scheme]
	}
	return n
}

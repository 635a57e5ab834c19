package process

import (
	"bytes"
	"fmt"
	"os"
	"strconv"
	"time"
)

// Detail is what takes longer to read than [Usage]: memory in bytes, the switches of context of the
// threads now alive.
type Detail struct {
	Resident int64
	Share    int64         // proportional set size: pages shared with others count in part
	Switches int64         // voluntary and not
	Waited   time.Duration // that they were ready to run and no CPU was free
}

// DetailOf reads /proc. It costs a small file a thread and a walk over the process's pages: about a
// millisecond.
func DetailOf(pid int) (Detail, error) {
	var d Detail
	rollup, err := os.ReadFile(fmt.Sprintf("/proc/%d/smaps_rollup", pid))
	if err != nil {
		return d, fmt.Errorf("memory of process %d: %w", pid, err)
	}
	d.Resident, d.Share = kilobytes(rollup, "Rss:"), kilobytes(rollup, "Pss:")
	tasks, err := os.ReadDir(fmt.Sprintf("/proc/%d/task", pid))
	if err != nil {
		return d, fmt.Errorf("threads of process %d: %w", pid, err)
	}
	for _, task := range tasks {
		status, err := os.ReadFile(fmt.Sprintf("/proc/%d/task/%s/status", pid, task.Name()))
		if err != nil {
			continue // the thread has just ended
		}
		d.Waited += waited(fmt.Sprintf("/proc/%d/task/%s/schedstat", pid, task.Name()))
		d.Switches += figure(status, "\nvoluntary_ctxt_switches:") + figure(status, "\nnonvoluntary_ctxt_switches:")
	}
	return d, nil
}

// waited reads a thread's run delay; 0 where the kernel does not tell. See the kernel's
// Documentation/scheduler/sched-stats.rst.
func waited(path string) time.Duration {
	text, _ := os.ReadFile(path)
	fields := bytes.Fields(text)
	if len(fields) < 2 {
		return 0
	}
	ns, _ := strconv.ParseInt(string(fields[1]), 10, 64)
	return time.Duration(ns)
}

// figure reads a line such as "Threads:	5"; 0 when it is not there.
func figure(status []byte, name string) int64 {
	_, rest, found := bytes.Cut(status, []byte(name))
	if !found {
		return 0
	}
	line, _, _ := bytes.Cut(rest, []byte("\n"))
	n, _ := strconv.ParseInt(string(bytes.TrimSpace(line)), 10, 64)
	return n
}

// Package machine says where a run was made and whether the machine was fit to measure on.
package machine

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"runtime"
	"runtime/debug"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Facts are what does not change during a run.
type Facts struct {
	Kernel string // release
	CPU    string // model name
	CPUs   int    // that this process may run on
	Cgroup string // CPU and memory limits in words, empty when there are none
}

// Read collects the facts. What a system does not tell stays empty.
func Read() Facts {
	f := Facts{CPUs: runtime.NumCPU(), Kernel: line("/proc/sys/kernel/osrelease"), Cgroup: cgroup()}
	info, _ := os.ReadFile("/proc/cpuinfo")
	for s := bufio.NewScanner(bytes.NewReader(info)); s.Scan(); {
		if name, value, ok := strings.Cut(s.Text(), ":"); ok && strings.TrimSpace(name) == "model name" {
			f.CPU = strings.TrimSpace(value)
			break
		}
	}
	return f
}

func line(path string) string {
	text, err := os.ReadFile(path)
	if err != nil {
		return ""
	}
	first, _, _ := strings.Cut(string(text), "\n")
	return strings.TrimSpace(first)
}

func cgroup() string {
	var limits []string
	if quota, period, ok := strings.Cut(line("/sys/fs/cgroup/cpu.max"), " "); ok && quota != "max" {
		q, _ := strconv.ParseFloat(quota, 64)
		if p, _ := strconv.ParseFloat(period, 64); p > 0 {
			limits = append(limits, fmt.Sprintf("cpu %.2f", q/p))
		}
	}
	if memory := line("/sys/fs/cgroup/memory.max"); memory != "" && memory != "max" {
		limits = append(limits, "memory "+memory+" B")
	}
	return strings.Join(limits, ", ")
}

// stamp is the version of a build whose source has no repository beside it, such as an image's; the
// linker sets it.
var stamp string

// Build returns the version and revision that the running binary was built from, as far as it
// knows.
func Build() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	return version(*info, stamp)
}

// version puts the revision behind a version that does not have it already, as those do that Go
// makes up for a commit without a tag. A stamp stands for the version where Go knows none.
func version(info debug.BuildInfo, stamp string) string {
	words := []string{info.Main.Version}
	if words[0] == "(devel)" && stamp != "" {
		words[0] = stamp
	}
	for _, s := range info.Settings {
		switch {
		case s.Key == "vcs.revision" && len(s.Value) >= 12 && !strings.Contains(words[0], s.Value[:12]):
			words = append(words, s.Value[:12])
		case s.Key == "vcs.modified" && s.Value == "true" && !strings.HasSuffix(words[0], "+dirty"):
			words = append(words, "modified")
		}
	}
	return strings.Join(words, " ")
}

// CPUs returns how many CPUs the machine has, which may be more than this process may use.
func CPUs() int { return cpus() }

// cpus reads the file once: it is asked for at every scrape, and the kernel adds up every interrupt
// for it.
var cpus = sync.OnceValue(func() int {
	text, _ := os.ReadFile(statFile)
	n := 0
	for line := range bytes.Lines(text) {
		if len(line) > 3 && bytes.HasPrefix(line, []byte("cpu")) && line[3] != ' ' {
			n++
		}
	}
	return n
})

// Strain is what others took of the machine up to a moment; see [Strain.Since].
type Strain struct {
	at           time.Time
	steal, all   float64 // clock ticks
	idle         float64 // of all, those in which a CPU had nothing to do, or waited for a disk
	waiting      float64 // seconds that some task waited for a CPU
	havePressure bool
}

// statFile is where the kernel counts CPU time. A test replaces it, since a test cannot
// make a hypervisor steal.
var statFile = "/proc/stat"

// Now reads the strain so far.
func Now() Strain {
	s := Strain{at: time.Now()}
	fields := strings.Fields(line(statFile))
	for i, field := range fields[min(1, len(fields)):] {
		ticks, _ := strconv.ParseFloat(field, 64)
		if i < 8 { // guest time, in fields 8 and 9, is counted in user time already
			s.all += ticks
		}
		if i == 3 || i == 4 {
			s.idle += ticks
		}
		if i == 7 {
			s.steal = ticks
		}
	}
	if _, total, ok := strings.Cut(line("/proc/pressure/cpu"), "total="); ok {
		micros, err := strconv.ParseFloat(total, 64)
		s.waiting, s.havePressure = micros/1e6, err == nil
	}
	return s
}

// Busy returns the CPU seconds that all CPUs have spent on anything, stolen ones included, and
// Waiting the seconds in which some task waited for a CPU, as the kernel counts its "some"
// pressure. Each is 0 where the kernel does not count it.
func (s Strain) Busy() float64 {
	const ticks = 100 // a second
	return (s.all - s.idle) / ticks
}

// Waiting is described with [Strain.Busy].
func (s Strain) Waiting() float64 { return s.waiting }

// Since returns the share of CPU time stolen by the hypervisor, and the share of time in which some
// task waited for a CPU (the kernel's "some" pressure; 0 where the kernel does not tell), both
// between an earlier reading and this one.
func (s Strain) Since(earlier Strain) (steal, pressure float64) {
	if ticks := s.all - earlier.all; ticks > 0 {
		steal = (s.steal - earlier.steal) / ticks
	}
	if seconds := s.at.Sub(earlier.at).Seconds(); seconds > 0 && s.havePressure && earlier.havePressure {
		pressure = (s.waiting - earlier.waiting) / seconds
	}
	return steal, pressure
}

// Boot names this start of the machine's kernel; empty where the kernel does not. Processes with the
// same name read the same clock.
func Boot() string {
	text, err := os.ReadFile("/proc/sys/kernel/random/boot_id")
	if err != nil {
		return ""
	}
	sum := sha256.Sum256(bytes.TrimSpace(text)) // the id itself is the machine's own
	return hex.EncodeToString(sum[:8])
}

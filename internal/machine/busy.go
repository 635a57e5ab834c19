package machine

import (
	"bytes"
	"os"
	"slices"
	"strconv"
	"strings"
)

// ticks is how many the kernel counts a second, in /proc/stat.
const ticks = 100

// Busy returns how many seconds programs have run on some CPUs so far, or on all when none are
// named. Interrupts are left out: they come with a program's own traffic, and are counted in no
// program's time. It is 0 where the kernel does not say.
func Busy(cpus []int) (seconds float64) {
	text, _ := os.ReadFile(statFile)
	for line := range bytes.Lines(text) {
		fields := strings.Fields(string(line))
		if len(fields) < 4 || !strings.HasPrefix(fields[0], "cpu") {
			continue
		}
		n, err := strconv.Atoi(fields[0][len("cpu"):])
		if err != nil || len(cpus) > 0 && !slices.Contains(cpus, n) { // the first line is the sum
			continue
		}
		for _, field := range fields[1:4] { // user, nice, system
			n, _ := strconv.ParseFloat(field, 64)
			seconds += n / ticks
		}
	}
	return seconds
}

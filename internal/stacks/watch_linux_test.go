package stacks

import (
	"fmt"
	"os"
	"os/exec"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

var pageSize = os.Getpagesize()

// mapped makes n stacks of this many pages, each with a guard below, and unmaps them with the test.
func mappedStacks(t testing.TB, n, pages int) (list [][]byte) {
	t.Helper()
	for range n {
		m, err := syscall.Mmap(-1, 0, (pages+1)*pageSize, syscall.PROT_READ|syscall.PROT_WRITE,
			syscall.MAP_ANON|syscall.MAP_PRIVATE|syscall.MAP_STACK)
		require.NoError(t, err)
		t.Cleanup(func() { require.NoError(t, syscall.Munmap(m)) })
		require.NoError(t, syscall.Mprotect(m[:pageSize], syscall.PROT_NONE))
		list = append(list, m[pageSize:])
	}
	return list
}

// use writes to the first bytes of a stack: those at its top.
func use(stack []byte, bytes int) {
	for i := len(stack) - 1; i >= len(stack)-bytes; i -= pageSize {
		stack[i] = 1
	}
	stack[len(stack)-bytes] = 1
}

// watchSelf returns a watcher that looks at this process, although it is a Go program.
func watchSelf(t testing.TB) (*Watcher, int) {
	t.Helper()
	w := NewWatcher()
	t.Cleanup(w.Close)
	p := &watched{looks: map[uint64]*looks{}, marks: map[uint64]int64{}}
	var err error
	p.pagemap, err = os.Open("/proc/self/pagemap")
	require.NoError(t, err)
	p.mem, err = os.Open("/proc/self/mem")
	require.NoError(t, err)
	w.processes[os.Getpid()] = p
	return w, os.Getpid()
}

func only(pid int) func() []int { return func() []int { return []int{pid} } }

// groupOf returns the group of stacks of this many pages.
func groupOf(t testing.TB, s Sample, pages int) Group {
	t.Helper()
	for _, g := range s.Groups {
		if g.Size == int64(pages*pageSize) && g.Kind == Coroutine {
			return g
		}
	}
	t.Fatalf("no stacks of %d pages in %+v", pages, s.Groups)
	return Group{}
}

func TestLookSeesWhatWasUsed(t *testing.T) {
	const pages = 37
	list := mappedStacks(t, 5, pages)
	w, pid := watchSelf(t)
	for i, s := range list {
		use(s, 1000+i*pageSize)
	}
	s, err := w.Look(only(pid), false)
	require.NoError(t, err)
	g := groupOf(t, s, pages)
	// One of them may have been merged with a mapping beside it.
	require.GreaterOrEqual(t, g.Count, 4)
	require.InDelta(t, 5*pageSize, g.Used.Max, float64(pageSize))
	require.Zero(t, g.Painted)
	require.Zero(t, g.Full)

	use(list[2], pages*pageSize)
	s, err = w.Look(only(pid), false)
	require.NoError(t, err)
	g = groupOf(t, s, pages)
	require.EqualValues(t, pages*pageSize, g.Used.Max)
	require.Equal(t, 1, g.Full+g.Painted, "of zeroes and ones: its content shows how deep it was used")
}

func TestLookReadsPaintedStacks(t *testing.T) {
	const pages = 41
	list := mappedStacks(t, 4, pages)
	w, pid := watchSelf(t)
	for _, s := range list {
		for i := range s {
			s[i] = 0xEE
		}
	}
	use(list[2], 5000)
	for _, whole := range []bool{false, true} {
		s, err := w.Look(only(pid), whole)
		require.NoError(t, err)
		g := groupOf(t, s, pages)
		require.Equal(t, g.Count, g.Painted)
		require.InDelta(t, 5000, g.Used.Max, word)
		require.Zero(t, g.Used.Median)
	}
	for i := range list[1] { // no two words running are the same
		list[1][i] = byte(i/word*31) ^ byte(i)
	}
	s, err := w.Look(only(pid), true)
	require.NoError(t, err)
	g := groupOf(t, s, pages)
	require.Equal(t, 1, g.Full)
	require.EqualValues(t, pages*pageSize, g.Used.Max)

	require.NoError(t, w.processes[pid].mem.Close())
	w.processes[pid].mem = nil
	s, err = w.Look(only(pid), true)
	require.NoError(t, err)
	g = groupOf(t, s, pages)
	require.Equal(t, g.Count, g.Unread, "what may not be read is not called used, nor free")
	require.Zero(t, g.Used)
}

func TestProcessesThatCannotBeSeen(t *testing.T) {
	w := NewWatcher()
	defer w.Close()
	_, err := w.Look(only(os.Getpid()), false)
	require.ErrorIs(t, err, ErrUnseen)
	require.ErrorContains(t, err, "Go program")

	cmd := exec.Command("sleep", "60")
	require.NoError(t, cmd.Start())
	_, err = w.Look(only(cmd.Process.Pid), false)
	require.NoError(t, err)
	require.NoError(t, cmd.Process.Kill())
	_ = cmd.Wait() // it was killed
	_, err = w.Look(only(cmd.Process.Pid), false)
	require.ErrorIs(t, err, os.ErrProcessDone)

	err = denied(7, fmt.Errorf("open: %w", os.ErrPermission))
	require.ErrorContains(t, err, "CAP_SYS_PTRACE")
}

// The cost of looks at 1,000 stacks of 256 KiB, 160 KiB of each used, and the share of a core that
// it is with the pause between them.
func BenchmarkLook(b *testing.B) {
	const n, pages = 1000, 64
	for _, filled := range []bool{false, true} {
		b.Run(map[bool]string{false: "used", true: "painted"}[filled], func(b *testing.B) {
			list := mappedStacks(b, n, pages)
			for i, s := range list {
				for at := range len(s) / pageSize * pageSize {
					if filled && at%word == 0 {
						s[at] = 0xEF
					}
				}
				use(s, 160<<10)
				if !filled {
					s[0] = byte(i) // the mark that May makes
				}
			}
			w, pid := watchSelf(b)
			var cpu time.Duration
			looks := 0
			for b.Loop() {
				s, err := w.Look(only(pid), false)
				require.NoError(b, err)
				cpu += s.CPU
				looks++
			}
			each := cpu / time.Duration(looks)
			b.ReportMetric(float64(each.Microseconds()), "cpu-µs/look")
			b.ReportMetric(100*each.Seconds()/(Pause(each)+each).Seconds(), "%core")
		})
	}
}

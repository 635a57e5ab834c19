//go:build !linux

package process

import (
	"os/exec"
	"sync"
	"syscall"
)

// supervise starts a command. What it leaves behind outside its group is not found here.
func supervise(cmd *exec.Cmd, _ []int) (*Process, error) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	p := &Process{pid: cmd.Process.Pid, done: make(chan struct{})}
	p.leave = sync.OnceValues(func() (string, error) { return "", nil })
	go func() {
		p.lost = cmd.Wait()
		if status, ok := cmd.ProcessState.Sys().(syscall.WaitStatus); ok {
			p.status, p.lost = status, nil
		}
		close(p.done)
	}()
	return p, nil
}

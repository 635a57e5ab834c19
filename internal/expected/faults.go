package expected

import "brrtload/reports"

// Group is the faults of one thing.
type Group struct {
	Of     string // the heading on the page
	Faults []Trouble
}

// Faults are what goes wrong with what a run rests on, but for endpoints. Where Go itself ends the program, the status is its
// own.
var Faults = []Group{
	{"The target", []Trouble{
		{"it ends with status 0 before it is ready", reports.StatusUnreachable, []string{"ended by itself with status 0 before it could answer"}},
		{"it ends with status 0 under load", reports.StatusUnreachable, []string{"ended by itself with status 0 while it was under load"}},
		{"it starts two seconds late", reports.StatusPass, []string{"PASS fixture"}},
		{"its command does not exist", reports.StatusUnreachable, []string{"executable file not found in $PATH"}},
		{"its command may not be executed", reports.StatusUnreachable, []string{"permission denied"}},
		{"something else answers at its address", reports.StatusUnreachable, []string{"already; stop it"}},
		{"its host name does not exist", reports.StatusUnreachable, []string{"no such host"}},
		{"its certificate has expired", reports.StatusUnreachable, []string{"certificate has expired"}},
		{"it listens on IPv6 alone", reports.StatusPass, []string{"PASS fixture"}},
		{"it hangs under load, its metrics too", reports.StatusUnreachable, []string{"metrics"}},
		{"it stops itself (SIGSTOP) and answers by another process", reports.StatusPass, []string{"did not end within 10s of SIGTERM and was killed"}},
		{"it stalls for three seconds of six, and p99 must be below 2 s", reports.StatusFail, []string{"FAIL fixture"}},
		{"it takes no new connections midway, and each hit needs one; its metrics have a listener of their own", reports.StatusFail, []string{"connection refused"}},
		{"its answers take three seconds, at 300 hits/s on two connections", reports.StatusInconclusive, []string{"of the"}},
		{"it is asked for ten million hits a second", reports.StatusInconclusive, []string{"of the"}},
		{"it gets one hit, and p99 must be below 2 s", reports.StatusInconclusive, []string{"INCONCLUSIVE fixture"}},
	}},
	{"The machine", []Trouble{
		{"64 descriptors for two connections", reports.StatusPass, []string{"PASS fixture"}},
		{"40 descriptors, and 50 connections wanted", reports.StatusInconclusive, []string{"the generator had no file descriptor left; raise"}},
		{"12 descriptors", reports.StatusUnreachable, []string{"too many open files"}},
		{"600 MB of address space", 2, []string{"fatal error"}},
		{"a memory limit of 16 MiB for Go", reports.StatusPass, []string{"PASS fixture"}},
		{"no environment at all, a temporary directory that is not there", reports.StatusPass, []string{"PASS fixture"}},
		{"HTTP_PROXY names what is no proxy", reports.StatusPass, []string{"PASS fixture"}},
		{"all three standard streams are closed", 0, nil},
		{"standard output is full", reports.StatusInternal, []string{"no space left on device"}},
		{"standard output goes to head, which has seen enough", reports.StatusPass, []string{"PASS fixture"}},
		{"the run directory is removed under load", reports.StatusInternal, []string{"the run directory is not whole"}},
		{"the working directory is not there", reports.StatusUsage, []string{"no such file"}},
	}},
	{"Signals", []Trouble{
		{"SIGINT in a load of 700 hours", reports.StatusInterrupted, []string{"fixture: interrupted"}},
		{"SIGUSR1 and SIGPIPE under load", reports.StatusPass, []string{"PASS fixture"}},
		{"SIGQUIT under load", 2, []string{"SIGQUIT: quit"}},
		{"SIGSTOP for two seconds under load, then SIGCONT", reports.StatusInconclusive, []string{"lag p99"}},
	}},
}

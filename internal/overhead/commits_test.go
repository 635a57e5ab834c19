package overhead

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// built commits a small program to a repository and builds it there.
func built(t *testing.T, repository, says, to string) string {
	t.Helper()
	run := func(name string, args ...string) {
		t.Helper()
		cmd := exec.Command(name, args...)
		cmd.Dir = repository
		cmd.Env = append(os.Environ(), "GOFLAGS=-buildvcs=true", "GOWORK=off")
		out, err := cmd.CombinedOutput()
		require.NoError(t, err, "%s", out)
	}
	write := func(name, text string) {
		require.NoError(t, os.WriteFile(filepath.Join(repository, name), []byte(text), 0o644))
	}
	write("go.mod", "module example.test/program\n")
	write("main.go", "package main\n\nfunc main() { println(\""+says+"\") }\n")
	run("git", "init", "-q")
	run("git", "add", "go.mod", "main.go")
	run("git", "-c", "user.name=a", "-c", "user.email=a@example.test", "commit", "-q", "--allow-empty", "-m", says)
	path := filepath.Join(t.TempDir(), to)
	run("go", "build", "-o", path)
	return path
}

func TestArmsOfTheBundledPairComeFromOneCommit(t *testing.T) {
	repository := t.TempDir()
	arm := func(name, path string) Arm { return Arm{Name: name, Command: Command{Path: path, Bundled: true}} }
	first := arm("baseline", built(t, repository, "one", "a"))
	same := arm("twin", built(t, repository, "one", "b"))
	require.NotEmpty(t, differentCommits([]Arm{first, same}), "the second commit has another hash, though nothing changed")
	again := same
	again.Name = "candidate"
	require.Empty(t, differentCommits([]Arm{same, again}))
	objections := differentCommits([]Arm{first, again})
	require.Len(t, objections, 1)
	require.Regexp(t, `candidate is built from commit [0-9a-f]{12}, the baseline from [0-9a-f]{12}: build both from one`, objections[0])
	again.Command.Bundled = false
	require.Empty(t, differentCommits([]Arm{first, again}), "programs that are not ours may come from anywhere")
}

package main

import (
	"encoding/json"
	"os/exec"
	"testing"

	"github.com/stretchr/testify/require"

	"brrtload/internal/stacks"
	"brrtload/internal/tier"
)

// TestStacksOfThreadsThatStartLater has threads begin after the first look. There is no time for
// another before the last one, in the end. A busy machine may start the threads too late, but not
// five times.
func TestStacksOfThreadsThatStartLater(t *testing.T) {
	tier.Long(t)
	python, err := exec.LookPath("/usr/bin/python3")
	if err != nil {
		t.Skip("no python3 here")
	}
	const threads = `
import threading, time; time.sleep(0.5)
for _ in range(5): threading.Thread(target=time.sleep, args=(60,), daemon=True).start()
time.sleep(60)`
	var seen stacks.Sample
	for try := 0; try < 5 && len(seen.Groups) == 0; try++ {
		command := exec.Command(program("brrtload"), "stack", "--for", "990ms", "-o", "json", python, "-c", threads)
		out, _ := command.Output() // the exit status says whether there were stacks; the next lines do too
		require.NoError(t, json.Unmarshal(out, &seen), "%s", out)
	}
	require.Len(t, seen.Groups, 1)
	require.Equal(t, stacks.Thread, seen.Groups[0].Kind)
	require.Equal(t, 5, seen.Groups[0].Count)
}

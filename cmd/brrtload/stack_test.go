package main

import (
	"encoding/json"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"brrtload/internal/stacks"
	"brrtload/internal/tier"
)

// TestStacksOfThreadsThatStartLater has threads begin after the first look, which finds none.
func TestStacksOfThreadsThatStartLater(t *testing.T) {
	tier.Long(t)
	python, err := exec.LookPath("/usr/bin/python3")
	if err != nil {
		t.Skip("no python3 here")
	}
	const threads = `
import threading, time
time.sleep(1)
for _ in range(5): threading.Thread(target=time.sleep, args=(60,), daemon=True).start()
time.sleep(60)`
	out, err := exec.Command(filepath.Join(bin, "brrtload"), "stack", "--for", "8s", "-o", "json", python, "-c", threads).Output()
	require.NoError(t, err, "%s", out)
	var seen stacks.Sample
	require.NoError(t, json.Unmarshal(out, &seen))
	require.Len(t, seen.Groups, 1)
	require.Equal(t, stacks.Thread, seen.Groups[0].Kind)
	require.Equal(t, 5, seen.Groups[0].Count)
}

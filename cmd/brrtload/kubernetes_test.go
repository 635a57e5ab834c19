package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v4"

	"brrtload/reports"
)

// podArgs returns the arguments of the container of the last document of a manifest.
func podArgs(t *testing.T, file string) []string {
	text, err := os.ReadFile(filepath.Join("../../ci/kubernetes/shards", file))
	require.NoError(t, err)
	parts := strings.Split(string(text), "\n---\n")
	var job struct {
		Spec struct {
			Template struct {
				Spec struct{ Containers []struct{ Args []string } }
			}
		}
	}
	require.NoError(t, yaml.Unmarshal([]byte(parts[len(parts)-1]), &job))
	return job.Spec.Template.Spec.Containers[0].Args
}

// No control plane comes from a package registry, so that the pods' commands are carried out as
// processes: what a cluster gives them is put in its place, and nothing else.
func TestTheCommandsOfTheKubernetesShards(t *testing.T) {
	t.Parallel()
	defer together.turn()()
	dir, port := t.TempDir(), freePort(t)
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	announced := filepath.Join(dir, "up.json")
	service := exec.CommandContext(ctx, program("targetsvc"), "--listen", "127.0.0.1:0", "--admin", "127.0.0.1:0", "--announce", announced)
	require.NoError(t, service.Start())
	defer func() {
		_ = service.Process.Kill()
		_ = service.Wait()
	}()
	var up struct{ Listen string }
	require.Eventually(t, func() bool {
		text, err := os.ReadFile(announced)
		return err == nil && json.Unmarshal(text, &up) == nil
	}, 30*time.Second, 20*time.Millisecond)
	require.NoError(t, os.WriteFile(filepath.Join(dir, "scenario.yaml"), fmt.Appendf(nil, `
target: {url: "http://%s"}
stages: [{rate: 40, duration: 2s}]
requests: [{name: missing, get: /no/such/route, expect: [404]}]
`, up.Listen), 0o644))

	in := func(args []string, shard string) []string {
		var out []string
		for _, arg := range args {
			out = append(out, strings.NewReplacer("$(SHARD)", shard, "/results", dir, "/scenario/", dir+"/",
				"brrtload-shards-0.brrtload-shards:7070", "127.0.0.1:"+port).Replace(arg))
		}
		return out
	}
	var working sync.WaitGroup
	work := func(args []string, status int) {
		working.Go(func() {
			out, err := exec.CommandContext(ctx, program("brrtload"), args...).CombinedOutput()
			if got := exitCode(err); got != status && !(got == reports.StatusInconclusive && args[0] == "merge") {
				t.Errorf("%v: exit status %d, want %d\n%s", args, got, status, out)
			}
		})
	}
	work(in(podArgs(t, "merge.yaml"), ""), 0) // it waits, as the Job of a cluster does
	for _, shard := range []string{"3", "1", "0", "2"} {
		work(in(podArgs(t, "shards.yaml"), shard), 0)
	}
	working.Wait()
	r, err := reports.Read(filepath.Join(dir, "run"))
	require.NoError(t, err)
	require.Len(t, r.Shards, 4)
	require.Equal(t, reports.Completed, r.End, r.Cause)
	var hits uint64
	for _, e := range r.Ledger {
		hits += e.Hits
	}
	require.Equal(t, uint64(80), hits)
	if r.Status != reports.StatusPass {
		require.NotEmpty(t, shortage(r), r.Reason)
	}
}

func exitCode(err error) int {
	if err == nil {
		return 0
	}
	if exit, ok := err.(*exec.ExitError); ok {
		return exit.ExitCode()
	}
	return -1
}

package ci

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"
	batch "k8s.io/api/batch/v1"
	core "k8s.io/api/core/v1"
	"sigs.k8s.io/yaml"

	"brrtload/scenarios"
)

const shardsDir = "kubernetes/shards"

// decoded reads the documents of a manifest into Kubernetes' own types. A field that they do not know
// is an error.
func decoded(t *testing.T, file string, into ...any) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(shardsDir, file))
	require.NoError(t, err)
	parts := strings.Split(string(text), "\n---\n")
	require.Len(t, parts, len(into), file)
	for i, part := range parts {
		require.NoError(t, yaml.UnmarshalStrict([]byte(part), into[i]), file)
	}
}

// kustomization is what the tests look at of the file that Kustomize reads.
type kustomization struct {
	APIVersion         string   `json:"apiVersion"`
	Kind               string   `json:"kind"`
	Resources          []string `json:"resources"`
	ConfigMapGenerator []struct {
		Name    string   `json:"name"`
		Files   []string `json:"files"`
		Options struct {
			DisableNameSuffixHash bool `json:"disableNameSuffixHash"`
		} `json:"options"`
	} `json:"configMapGenerator"`
	Images []struct {
		Name   string `json:"name"`
		NewTag string `json:"newTag"`
	} `json:"images"`
}

// The manifests are what Kubernetes' types know, and belong together: every shard has its index, finds
// shard 0, and keeps its run where the last step looks for it.
func TestKubernetesShardsBelongTogether(t *testing.T) {
	var service core.Service
	var shards, merge batch.Job
	var results core.PersistentVolumeClaim
	var kustomize kustomization
	decoded(t, "shards.yaml", &service, &shards)
	decoded(t, "merge.yaml", &merge)
	decoded(t, "results.yaml", &results)
	decoded(t, "kustomization.yaml", &kustomize)

	n := *shards.Spec.Completions
	require.Equal(t, batch.IndexedCompletion, *shards.Spec.CompletionMode)
	require.Equal(t, n, *shards.Spec.Parallelism)
	for _, job := range []batch.Job{shards, merge} {
		require.Equal(t, "batch/v1 Job", job.APIVersion+" "+job.Kind)
		require.Zero(t, *job.Spec.BackoffLimit, "a second try is another measurement")
		require.Positive(t, *job.Spec.ActiveDeadlineSeconds)
		pod := job.Spec.Template.Spec
		require.Equal(t, core.RestartPolicyNever, pod.RestartPolicy)
		require.True(t, *pod.SecurityContext.RunAsNonRoot)
		require.False(t, *pod.AutomountServiceAccountToken)
		container := pod.Containers[0]
		require.True(t, *container.SecurityContext.ReadOnlyRootFilesystem)
		require.False(t, *container.SecurityContext.AllowPrivilegeEscalation)
		for _, m := range container.VolumeMounts {
			require.True(t, slices.ContainsFunc(pod.Volumes, func(v core.Volume) bool { return v.Name == m.Name }), m.Name)
		}
		claim := pod.Volumes[len(pod.Volumes)-1].PersistentVolumeClaim
		require.Equal(t, results.Name, claim.ClaimName)
	}
	require.Greater(t, *merge.Spec.ActiveDeadlineSeconds, *shards.Spec.ActiveDeadlineSeconds)

	pod := shards.Spec.Template
	require.Equal(t, core.ClusterIPNone, service.Spec.ClusterIP)
	require.True(t, service.Spec.PublishNotReadyAddresses)
	require.Equal(t, service.Name, pod.Spec.Subdomain)
	for label, value := range service.Spec.Selector {
		require.Equal(t, value, pod.Labels[label])
	}
	args := pod.Spec.Containers[0].Args
	require.Contains(t, args, fmt.Sprintf("--shard=$(SHARD)/%d", n))
	require.Contains(t, args, fmt.Sprintf("--barrier=%s-0.%s:%d", shards.Name, service.Name, service.Spec.Ports[0].Port))
	require.Equal(t, "metadata.annotations['batch.kubernetes.io/job-completion-index']", pod.Spec.Containers[0].Env[0].ValueFrom.FieldRef.FieldPath)
	require.Contains(t, args, "--dir=/results/shard-$(SHARD)")
	var given []string
	for _, arg := range merge.Spec.Template.Spec.Containers[0].Args {
		if strings.HasPrefix(arg, "/results/shard-") {
			given = append(given, arg)
		}
	}
	require.Len(t, given, int(n))
	for i, dir := range given {
		require.Equal(t, fmt.Sprintf("/results/shard-%d", i), dir)
	}
}

func TestKustomizationHasAllFilesAndTheScenarioIsSound(t *testing.T) {
	var k kustomization
	decoded(t, "kustomization.yaml", &k)
	require.Equal(t, "kustomize.config.k8s.io/v1beta1 Kustomization", k.APIVersion+" "+k.Kind)
	files := append([]string{"kustomization.yaml"}, k.Resources...)
	for _, generated := range k.ConfigMapGenerator {
		require.Equal(t, "brrtload-shards", generated.Name)
		require.True(t, generated.Options.DisableNameSuffixHash)
		files = append(files, generated.Files...)
	}
	entries, err := os.ReadDir(shardsDir)
	require.NoError(t, err)
	var there []string
	for _, entry := range entries {
		there = append(there, entry.Name())
	}
	require.ElementsMatch(t, there, files)
	text, err := os.ReadFile(filepath.Join(shardsDir, "scenario.yaml"))
	require.NoError(t, err)
	_, err = scenarios.Load(fstest.MapFS{"scenario.yaml": {Data: text}}, "scenario.yaml")
	require.NoError(t, err)
}

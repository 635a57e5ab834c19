package ci

import (
	"os"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v4"

	"brrtload/scenarios"
)

// manifest is the part of the example that the tests look at.
type manifest struct {
	Kind string
	Data map[string]string
	Spec struct {
		BackoffLimit          *int `yaml:"backoffLimit"`
		ActiveDeadlineSeconds int  `yaml:"activeDeadlineSeconds"`
		Template              struct {
			Spec struct {
				RestartPolicy   string `yaml:"restartPolicy"`
				SecurityContext struct {
					RunAsNonRoot bool `yaml:"runAsNonRoot"`
				} `yaml:"securityContext"`
				Containers []struct {
					Args            []string
					SecurityContext struct {
						ReadOnlyRootFilesystem   bool  `yaml:"readOnlyRootFilesystem"`
						AllowPrivilegeEscalation *bool `yaml:"allowPrivilegeEscalation"`
					} `yaml:"securityContext"`
					Resources    struct{ Requests, Limits map[string]string }
					VolumeMounts []mount `yaml:"volumeMounts"`
				}
				Volumes []map[string]any
			}
		}
	}
}

type mount struct {
	MountPath string `yaml:"mountPath"`
}

func manifests(t *testing.T) (config, job manifest) {
	t.Helper()
	text, err := os.ReadFile("kubernetes/job.yaml")
	require.NoError(t, err)
	parts := strings.Split(string(text), "\n---\n")
	require.Len(t, parts, 2)
	require.NoError(t, yaml.Unmarshal([]byte(parts[0]), &config))
	require.NoError(t, yaml.Unmarshal([]byte(parts[1]), &job))
	require.Equal(t, []string{"ConfigMap", "Job"}, []string{config.Kind, job.Kind})
	return config, job
}

func TestKubernetesJobRunsOnceWithinBounds(t *testing.T) {
	_, job := manifests(t)
	require.Zero(t, *job.Spec.BackoffLimit)
	require.Positive(t, job.Spec.ActiveDeadlineSeconds)
	pod := job.Spec.Template.Spec
	require.Equal(t, "Never", pod.RestartPolicy)
	require.True(t, pod.SecurityContext.RunAsNonRoot)
	container := pod.Containers[0]
	require.True(t, container.SecurityContext.ReadOnlyRootFilesystem)
	require.False(t, *container.SecurityContext.AllowPrivilegeEscalation)
	require.Equal(t, container.Resources.Requests, container.Resources.Limits)
	require.Len(t, pod.Volumes, len(container.VolumeMounts))
}

func TestKubernetesJobFindsItsScenario(t *testing.T) {
	config, job := manifests(t)
	container := job.Spec.Template.Spec.Containers[0]
	path := container.Args[len(container.Args)-1]
	i := slices.IndexFunc(container.VolumeMounts, func(m mount) bool { return strings.HasPrefix(path, m.MountPath+"/") })
	require.GreaterOrEqual(t, i, 0, path)
	name := strings.TrimPrefix(path, container.VolumeMounts[i].MountPath+"/")
	require.Contains(t, config.Data, name)
	_, err := scenarios.Load(fstest.MapFS{name: {Data: []byte(config.Data[name])}}, name)
	require.NoError(t, err)
}

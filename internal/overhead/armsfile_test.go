package overhead

import (
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"
)

func TestProgramsAreBesideTheFileThatNamesThem(t *testing.T) {
	for _, row := range []struct{ file, program, want string }{
		{"arms.yaml", "./svc", "./svc"},
		{"load/arms.yaml", "./svc", "./load/svc"},
		{"load/arms.yaml", "../svc", "./svc"},
		{"load/arms.yaml", "bin/svc", "./load/bin/svc"},
		{"load/arms.yaml", "svc", "svc"},
		{"load/arms.yaml", "/opt/svc", "/opt/svc"},
	} {
		text := "baseline: {command: [" + row.program + "]}\ncandidate: {command: [" + row.program + ", -v]}\n"
		arms, err := LoadArms(fstest.MapFS{row.file: {Data: []byte(text)}}, row.file)
		require.NoError(t, err)
		for _, arm := range arms {
			require.Equal(t, row.want, arm.Command.Path, "%s in %s", row.program, row.file)
		}
	}
	text := "baseline: {go: {package: ./svc}}\ncandidate: {go: {package: example.com/svc}}\n"
	arms, err := LoadArms(fstest.MapFS{"load/arms.yaml": {Data: []byte(text)}}, "load/arms.yaml")
	require.NoError(t, err)
	require.Equal(t, "./load/svc", arms[0].Command.Source.Package)
	require.Equal(t, "example.com/svc", arms[2].Command.Source.Package)
}

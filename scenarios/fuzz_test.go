package scenarios

import (
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"
)

// FuzzReadTargets reads files of vegeta targets: what is read can be rendered, or says why not.
func FuzzReadTargets(f *testing.F) {
	f.Add("GET http://a.test/x?y=z\nX-A: b\n\nPOST http://a.test\n", `{"method":"PUT","url":"http://a.test/x","body":"eA==","header":{"A":["b"]}}`)
	f.Fuzz(func(t *testing.T, text, json string) {
		for name, content := range map[string]string{"t.txt": text, "t.json": json} {
			found, _, err := readTargets(fstest.MapFS{name: {Data: []byte(content)}}, name)
			if err != nil {
				continue
			}
			require.NotEmpty(t, found)
			for i := range found {
				if m, err := found[i].render(&draw{}, nil); err == nil {
					require.Equal(t, byte('/'), m.Path[0])
				}
			}
		}
	})
}

// FuzzInclude reads a scenario of two files with values from the environment and the command line.
func FuzzInclude(f *testing.F) {
	f.Add("include: b.yaml\ntarget: {url: 'http://a'}\nrequests: [{get: '/${A:-x}'}]\n", "stages: [{rate: 1, duration: 1s}]\n", "requests.0.weight=2")
	f.Add("include: [b.yaml, s.yaml]\nstages: &s [{rate: 1, duration: 1s}]\n", "include: s.yaml\nstages: *s", "stages.0=*s")
	f.Fuzz(func(t *testing.T, text, included, set string) {
		o := Settings{Set: []string{set}, Environment: func(name string) (string, bool) { return name, name != "" && name[0] < 'M' }}
		s, err := o.Load(fstest.MapFS{"s.yaml": {Data: []byte(text)}, "b.yaml": {Data: []byte(included)}}, "s.yaml")
		if err != nil {
			require.NotEmpty(t, err.Error())
			return
		}
		_, err = s.Plan(1)
		require.NoError(t, err, "Load passed what Plan refuses")
	})
}

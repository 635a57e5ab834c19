package scenarios

// Bearer is a token in the Authorization header.
type Bearer struct {
	Token string `yaml:"token"`
}

package discover

// Row is one thing that was learned, for a person to read.
type Row struct{ What, Found, How string }

func orNone(label string) string {
	if label == "" {
		return "none"
	}
	return label
}

// Package hostile has texts that a report must not obey, and puts them into one. It is for tests
// alone.
package hostile

import (
	"reflect"
	"strings"
)

// Texts each try to break out of some format.
var Texts = []string{
	"\x1b[31mred\x1b[2J\x1b]0;title\x07\u009b31m\r\b\x00",
	"::error file=a.go,line=1::fake\n::stop-commands::x\n##[group]fake\n##vso[task.complete result=Failed]\n##teamcity[x]",
	"section_start:1:x[collapsed=true]\r\x1b[0Kfold",
	"<script>alert(1)</script><img src=x onerror=y></details></td>]]><!-- &lt; &#60; -->",
	"a | b || c \\| d \\",
	"![x](http://evil/p.png) [y](javascript:z) <http://evil> http://evil www.evil.org evil@evil.org @everyone #1 ``` `code` *b* _i_ ~~s~~ $x$ :tada:",
	"# heading\n\n- list\n1. one\n> quote\n---\n===\n    code",
	"{{ .Secret }} {% raw %} ${{ github.token }} $(id) `id` ${HOME} %(x)s %s%n",
	"\u202etxt.exe\u2066\u200b\u2028\u2029\ufeff\U000e0041",
	"\xff\xfe broken \xc3 utf-8 \ufffe \uffff",
	strings.Repeat("very long ", 600),
}

// Poison puts a text into every string that the pointer leads to, except those of a field named Severity,
// whose values are a closed set.
func Poison(pointer any, text string) { poison(reflect.ValueOf(pointer).Elem(), text) }

func poison(v reflect.Value, attack string) {
	switch v.Kind() {
	case reflect.String:
		v.SetString(attack)
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() && v.Type().Field(i).Name != "Severity" {
				poison(v.Field(i), attack)
			}
		}
	case reflect.Slice:
		for i := range v.Len() {
			poison(v.Index(i), attack)
		}
	case reflect.Map:
		if v.Len() > 0 {
			value := reflect.New(v.Type().Elem()).Elem()
			value.Set(v.MapIndex(v.MapKeys()[0]))
			poison(value, attack)
			v.SetMapIndex(reflect.ValueOf(attack).Convert(v.Type().Key()), value)
		}
	case reflect.Pointer:
		if !v.IsNil() {
			poison(v.Elem(), attack)
		}
	}
}

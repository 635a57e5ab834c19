package memory

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestReadable(t *testing.T) {
	for name, want := range map[string]string{
		"malloc":                       "malloc",
		"_ZN4shop4takeEv":              "shop::take()",
		"_RNvNtCs123_5names4shop4leak": "names::shop::leak",
		"_$LT$names..shop..Order$u20$as$u20$names..shop..Price$GT$::price::h0123456789abcdef": "<names::shop::Order as names::shop::Price>::price",
		"names::main::h0123456789abcdef":                      "names::main",
		"getdelim@@GLIBC_2.2.5":                               "getdelim",
		"std::vector<int, std::allocator<int> >* f<int>(int)": "f<int>(int)",
		"void shop::each<void (*)(int)>(void (*)(int))":       "shop::each<void (*)(int)>(void (*)(int))",
		"shop::Page::write(char) const":                       "shop::Page::write(char) const",
		"(anonymous namespace)::f(int)":                       "(anonymous namespace)::f(int)",
		"operator new(unsigned long)":                         "operator new(unsigned long)",
		"shop::Page::operator bool() const":                   "shop::Page::operator bool() const",
		"bool shop::operator< <int>(int)":                     "bool shop::operator< <int>(int)",
	} {
		require.Equal(t, want, readable(name), name)
	}
	require.LessOrEqual(t, len(readable("_ZN"+strings.Repeat("1a", 10_000)+"Ev")), 2*maxMangled)
}

func TestOfLibrary(t *testing.T) {
	for _, f := range []frame{
		{function: "malloc"},
		{function: "operator new[](unsigned long)"},
		{function: "f", module: "/lib/x86_64-linux-gnu/libc.so.6"},
		{function: "f", module: "/lib/ld-musl-x86_64.so.1"},
		{module: "/usr/lib/libstdc++.so.6.0.30"},
		{module: "/usr/lib/libjemalloc.so.2"},
		{function: "strdup", file: "string/./string/strdup.c"},
		{function: "x", file: "csu/../csu/libc-start.c"},
		{function: "x", file: "nptl/../sysdeps/nptl/libc_start_call_main.h"},
		{function: "allocate", file: "/usr/include/c++/12/bits/new_allocator.h"},
		{function: "new<[u8; 2000]>", file: "library/alloc/src/boxed.rs"},
		{function: "init", file: "/rustc/5980/library/std/src/rt.rs"},
		{function: "reserve", file: "/rust/deps/hashbrown-0.15.2/src/raw/mod.rs"},
		{function: "<alloc::vec::Vec<names::A> as core::clone::Clone>::clone"},
		{function: "<&mut alloc::string::String as core::fmt::Write>::write_str"},
		{function: "<T as alloc::string::ToString>::to_string"},
		{function: "<[u8]>::to_vec", file: "library/alloc/src/slice.rs"},
		{function: "std::__cxx11::basic_string<char>::f(char)"},
		{function: "std::_MakeUniq<shop::Order>::__single_object std::make_unique<shop::Order>()"},
		{},
	} {
		require.True(t, f.judged().library, "%+v", f)
	}
	for _, f := range []frame{
		{function: "main"},
		{module: "/opt/service"},
		{function: "f", module: "/opt/libcurl.so.4"},
		{function: "f", module: "/opt/libmine.so"},
		{function: "mallocate"},
		{function: "standard::f"},
		{function: "<names::Order as core::clone::Clone>::clone"},
		{function: "<names::Order as core::ops::FnOnce<(i32,)>>::call"},
		{function: "<fn(i32) -> i32 as names::Call>::call"},
		{function: "std::vector<int>* shop::list<int>(int)"},
		{function: "f", file: "string/string/f.c"},
		{function: "f", file: "/home/me/library/f.rs"},
	} {
		require.False(t, f.judged().library, "%+v", f)
	}
}

func TestSiteIsTheInnermostOfTheProgram(t *testing.T) {
	malloc := frame{function: "malloc", module: "/lib/libheaptrack_preload.so"}.judged()
	push := frame{function: "std::vector<int>::push_back(int&&)", module: "/opt/service"}.judged()
	handle := frame{function: "handle", file: "/src/handle.cc", line: 7, module: "/opt/service"}
	main := frame{function: "main", file: "/src/main.cc", line: 3, module: "/opt/service"}
	got := site([]frame{malloc, push, handle, main})
	require.Equal(t, "handle", got.function)
	require.Equal(t, "/src/handle.cc:7", got.where())
	require.Equal(t, place{function: "libstdc++.so.6", module: "/lib/libstdc++.so.6", library: true},
		site([]frame{malloc, frame{module: "/lib/libstdc++.so.6"}.judged(),
			frame{function: "_dl_init", module: "/lib/ld-linux-x86-64.so.2"}.judged()}))
	require.Equal(t, place{function: "unknown", library: true, nameless: true}, site(nil))
	require.Equal(t, "service+0x12", site([]frame{malloc, {module: "/opt/service", address: "+0x12"}}).function)
}

func TestValgrindFrame(t *testing.T) {
	for text, want := range map[string]frame{
		"0x10: f (/src/f.c:12)":              {function: "f", file: "/src/f.c", line: 12},
		"0x10: f(int, (anonymous)) (f.cc:1)": {function: "f(int, (anonymous))", file: "f.cc", line: 1},
		"0x10: f (in /opt/my service)":       {function: "f", module: "/opt/my service"},
		"0x10: ??? (in /opt/service)":        {module: "/opt/service", address: "@0x10"},
		"0x10: ???":                          {address: "@0x10"},
		"0x10: (below main) (start.c:3)":     {function: "(below main)", file: "start.c", line: 3},
		"0x10: a::b (src/b.rs:7:14)":         {function: "a::b", file: "src/b.rs", line: 7},
		"nonsense":                           {function: "nonsense"},
		"0x10: f (x:99999999999)":            {function: "f (x:99999999999)"},
	} {
		require.Equal(t, want.judged(), valgrindFrame(text), text)
	}
}

func TestTextsAreHarmless(t *testing.T) {
	require.Equal(t, "\uFFFD[31mred\uFFFD\uFFFD", inert("\x1b[31mred\n\u202e"))
	require.Equal(t, "\uFFFD", inert("\xff"))
	require.Len(t, inert(strings.Repeat("a", 5000)), maxText)
	long := strings.Repeat("ä", 5000)
	require.True(t, strings.HasSuffix(inert(long), "ä…") && len(inert(long)) <= maxText)
	require.True(t, strings.HasPrefix(inertPath(long), "…ä") && len(inertPath(long)) <= maxText)
}

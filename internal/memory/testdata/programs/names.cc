// A program whose allocations are known: what it does is written in README.md.
#include <memory>
#include <string>
#include <vector>

namespace shop {
struct Order {
	long items[10];
};

// 10 of 80 bytes, freed.
__attribute__((noinline)) void take() {
	for (int i = 0; i < 10; i++) {
		auto order = std::make_unique<Order>();
		Order *volatile p = order.get();
		p->items[0] = i;
	}
}

// 1 of 4000 bytes, by std::vector, kept.
template <typename T> __attribute__((noinline)) std::vector<T> *list(int n) {
	static std::vector<T> all;
	all.resize(n);
	return &all;
}

// 7 of 101 bytes, by std::string, freed.
struct Page {
	__attribute__((noinline)) void write(char with) {
		for (int i = 0; i < 7; i++) {
			std::string text(100, with);
			const char *volatile p = text.data();
			(void)p;
		}
	}
};
} // namespace shop

int main() {
	shop::take();
	shop::list<int>(1000);
	shop::Page().write('x');
	return 0;
}

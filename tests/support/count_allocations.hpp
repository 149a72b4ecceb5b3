// Replaces the global operator new by one that counts: include it in one file of a program.
#pragma once

#include <malloc.h>

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <new>

// What this program has allocated so far.
inline std::atomic<long> allocations = 0;
inline std::atomic<std::size_t> allocated_bytes = 0;

// A block of at least this many bytes is big (say so before there are any): how many there are, and were at most.
inline std::atomic<std::size_t> big_block = SIZE_MAX;
inline std::atomic<long> big_blocks = 0, most_big_blocks = 0;

namespace counting {

using Size = std::size_t;
using Align = std::align_val_t;
using Nothrow = const std::nothrow_t&;

inline void* allocate(Size size, Align alignment) noexcept {
  ++allocations;
  allocated_bytes += size;
  const auto line = static_cast<Size>(alignment);
  void* memory = std::aligned_alloc(line, (std::max<Size>(size, 1) + line - 1) / line * line);
  if (memory && malloc_usable_size(memory) >= big_block) {
    const long now = ++big_blocks;
    for (long most = most_big_blocks; most < now && !most_big_blocks.compare_exchange_weak(most, now);) continue;
  }
  return memory;
}
inline void* allocate_or_throw(Size size, Align alignment) {
  if (void* memory = allocate(size, alignment)) return memory;
  throw std::bad_alloc{};
}
inline void release(void* memory) noexcept {
  if (memory && malloc_usable_size(memory) >= big_block) --big_blocks;
  std::free(memory);
}
inline constexpr Align plain{alignof(std::max_align_t)};

}  // namespace counting

// Every form: a sanitizer brings forms of its own, which don't call these. Not inline: a compiler that sees only one
// half of a pair warns of the other.
#define COUNTING [[gnu::noinline]]
COUNTING void* operator new(counting::Size size) { return counting::allocate_or_throw(size, counting::plain); }
COUNTING void* operator new[](counting::Size size) { return counting::allocate_or_throw(size, counting::plain); }
COUNTING void* operator new(counting::Size size, counting::Align align) {
  return counting::allocate_or_throw(size, align);
}
COUNTING void* operator new[](counting::Size size, counting::Align align) {
  return counting::allocate_or_throw(size, align);
}
COUNTING void* operator new(counting::Size size, counting::Nothrow) noexcept {
  return counting::allocate(size, counting::plain);
}
COUNTING void* operator new[](counting::Size size, counting::Nothrow) noexcept {
  return counting::allocate(size, counting::plain);
}
COUNTING void* operator new(counting::Size size, counting::Align align, counting::Nothrow) noexcept {
  return counting::allocate(size, align);
}
COUNTING void* operator new[](counting::Size size, counting::Align align, counting::Nothrow) noexcept {
  return counting::allocate(size, align);
}
COUNTING void operator delete(void* memory) noexcept { counting::release(memory); }
COUNTING void operator delete[](void* memory) noexcept { counting::release(memory); }
COUNTING void operator delete(void* memory, counting::Size) noexcept { counting::release(memory); }
COUNTING void operator delete[](void* memory, counting::Size) noexcept { counting::release(memory); }
COUNTING void operator delete(void* memory, counting::Align) noexcept { counting::release(memory); }
COUNTING void operator delete[](void* memory, counting::Align) noexcept { counting::release(memory); }
COUNTING void operator delete(void* memory, counting::Size, counting::Align) noexcept { counting::release(memory); }
COUNTING void operator delete[](void* memory, counting::Size, counting::Align) noexcept { counting::release(memory); }
COUNTING void operator delete(void* memory, counting::Nothrow) noexcept { counting::release(memory); }
COUNTING void operator delete[](void* memory, counting::Nothrow) noexcept { counting::release(memory); }
COUNTING void operator delete(void* memory, counting::Align, counting::Nothrow) noexcept { counting::release(memory); }
COUNTING void operator delete[](void* memory, counting::Align, counting::Nothrow) noexcept {
  counting::release(memory);
}
#undef COUNTING

// Numbers that end where a page ends, with a page behind them that nobody may touch: what reads or writes past the end
// crashes, also where AddressSanitizer doesn't look, as in masked instructions.
#pragma once

#include <cstddef>
#include <span>

#include <sys/mman.h>
#include <unistd.h>

#include "catch.hpp"

template <class T>
class Guarded {
 public:
  explicit Guarded(std::size_t count) : page_{static_cast<std::size_t>(sysconf(_SC_PAGESIZE))} {
    pages_ = (count * sizeof(T) + page_ - 1) / page_ + 1;
    block_ = mmap(nullptr, pages_ * page_, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    REQUIRE(block_ != MAP_FAILED);
    std::byte* const end = static_cast<std::byte*>(block_) + (pages_ - 1) * page_;
    REQUIRE(mprotect(end, page_, PROT_NONE) == 0);
    numbers_ = {reinterpret_cast<T*>(end) - count, count};
  }
  Guarded(const Guarded&) = delete;
  Guarded& operator=(const Guarded&) = delete;
  ~Guarded() { munmap(block_, pages_ * page_); }

  T* data() const { return numbers_.data(); }
  std::span<T> span() const { return numbers_; }
  T& operator[](std::size_t i) const { return numbers_[i]; }

 private:
  std::size_t page_, pages_ = 0;
  void* block_ = nullptr;
  std::span<T> numbers_;
};

#pragma once
#include <algorithm>
#include <cstddef>
#include <memory>
#include <new>
#include <span>
#include <type_traits>
#include <utility>

namespace rocket {

/// Every block of numbers starts on a cache line; the value doesn't depend on compiler flags, so neither does a layout.
inline constexpr std::size_t cache_line = 64;

/// An owned, zero-filled block of numbers, aligned to a cache line. Only assignment changes its size.
template <class T>
class Buffer {
  static_assert(std::is_trivially_copyable_v<T>, "rocket: Buffer holds plain numbers");

 public:
  Buffer() = default;
  /// Room for `size` numbers, all 0.
  explicit Buffer(std::size_t size) : size_{size} {
    if (size == 0) return;
    data_.reset(static_cast<T*>(::operator new (size * sizeof(T), std::align_val_t{cache_line})));
    std::fill_n(data_.get(), size, T{});
  }
  Buffer(const Buffer& other) : Buffer{other.size_} { std::copy_n(other.data(), size_, data()); }
  Buffer(Buffer&& other) noexcept : data_{std::move(other.data_)}, size_{std::exchange(other.size_, 0)} {}
  Buffer& operator=(Buffer other) noexcept {
    std::swap(data_, other.data_);
    std::swap(size_, other.size_);
    return *this;
  }
  ~Buffer() = default;

  /// The first number; null where there are none.
  T* data() { return data_.get(); }
  const T* data() const { return data_.get(); }
  /// Numbers, not bytes.
  std::size_t size() const { return size_; }
  /// All numbers.
  std::span<T> span() { return {data(), size_}; }
  std::span<const T> span() const { return {data(), size_}; }
  /// Makes all numbers 0.
  void clear() { std::fill_n(data(), size_, T{}); }

 private:
  struct Free {
    void operator()(T* p) const { ::operator delete (p, std::align_val_t{cache_line}); }
  };
  std::unique_ptr<T, Free> data_;
  std::size_t size_ = 0;
};

}  // namespace rocket

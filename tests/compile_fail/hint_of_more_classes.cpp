// A hint that says it means nothing at two classes, on a net that tells two apart by one logit.
// expect: rocket: hint: this one means nothing for so few classes
// expect: Decoupled
// expect: Expected<3>
// expect: Got<2>
#include <rocket/rocket.hpp>
using namespace rocket;

struct Decoupled {
  static constexpr int least_classes = 3;
  template <class T, std::size_t C>
  T operator()(std::span<const T, C>, std::span<const T, C>, std::span<T, C> gradient) const {
    return gradient[0] = 0;
  }
};

#ifdef ROCKET_CONTROL
constexpr int logits = 3;
#else
constexpr int logits = 1;
#endif
using Net = Launch<Input<4>, Dense<4>, Dense<logits>, Sequential<Dense<8>, Relu, Dense<logits>>>;

int main() {
  Trainer trainer{Net{Seed{1}}, Decoupled{}};
  return trainer.workspace_bytes(1) == 0;
}

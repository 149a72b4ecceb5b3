// expect: rocket: split: what is divided owns its samples
// expect: Samples<
#include <rocket/rocket.hpp>
using namespace rocket;

int main() {
  const Dataset dataset = digits();
#ifdef ROCKET_CONTROL
  const auto halves = split(dataset, 0.5, Seed{1});
#else
  const auto halves = split(Samples<float>(dataset), 0.5, Seed{1});
#endif
  return halves.first.size() > 0 ? 0 : 1;
}

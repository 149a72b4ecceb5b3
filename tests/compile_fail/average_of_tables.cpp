// expect: rocket: LightAverage: to average tables
#include <rocket/rocket.hpp>
using namespace rocket;

#ifdef ROCKET_CONTROL
using Inputs = Fields<Numbers<"price", 4>>;
#else
using Inputs = Fields<Numbers<"price", 4>, Id<"user", 4>>;
#endif
using Net = Launch<Inputs, Dense<4>, Dense<2>, Dense<2>>;

int main() {
#ifdef ROCKET_CONTROL
  Trainer trainer{Net{Seed{1}}};
#else
  Trainer trainer{Net{Seed{1}, {3}}};
#endif
  LightAverage average{trainer};
  return average.net().parameter_vector().empty();
}

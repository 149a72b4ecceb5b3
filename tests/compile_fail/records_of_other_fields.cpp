// expect: rocket: Trainer: these records are of other fields than the net's
#include <rocket/rocket.hpp>
using namespace rocket;

using Inputs = Fields<Id<"user", 4>, Id<"item", 4>>;
#ifdef ROCKET_CONTROL
using Read = Fields<Id<"user", 8>, Id<"item", 8>>;  // the words are the same
#else
using Read = Fields<Id<"item", 4>, Id<"user", 4>>;
#endif
using Net = Launch<Inputs, Dense<4>, Dense<2>, Dense<2>>;

int main() {
  Trainer trainer{Net{Seed{1}, {30, 20}}};
  trainer.fit(Records<Read>{}, {});
}

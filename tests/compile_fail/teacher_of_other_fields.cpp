// expect: rocket: Teacher: its fields are others than those of the taught net
#include <rocket/rocket.hpp>
using namespace rocket;

#ifdef ROCKET_CONTROL
using Taught = Fields<Id<"user", 8>, Id<"item", 8>>;
#else
using Taught = Fields<Id<"item", 4>, Id<"user", 4>>;
#endif
using Teaching = Plain<Fields<Id<"user", 4>, Id<"item", 4>>, Dense<2>>;
using Net = Plain<Taught, Dense<2>>;

int main() {
  Trainer trainer{Net{Seed{1}, {30, 20}}, Teacher{Teaching{Seed{1}, {30, 20}}, Kl{}, 1.0}};
  return trainer.workspace_bytes(1) == 0;
}

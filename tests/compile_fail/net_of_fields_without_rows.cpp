// expect: rocket: a net of Fields: say how many rows its tables have
#include <rocket/rocket.hpp>
using namespace rocket;

using Net = Plain<Fields<Id<"user", 4>, Id<"item", 4>>, Dense<2>>;

int main() {
#ifdef ROCKET_CONTROL
  const Net net{Seed{1}, {30, 20}};
#else
  const Net net{Seed{1}};
#endif
  return net.tables().size() == 0;
}

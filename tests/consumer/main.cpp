#include "net.hpp"

#include <iostream>

int main() {
  const Net net{rocket::Seed{1}};
  std::cout << "parameters: " << parameters(net) << ", of the light net: " << Net::light::parameters << '\n';
  return parameters(net) == Net::parameters ? 0 : 1;
}

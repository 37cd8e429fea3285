// What is new between two snapshots, as a pull request's comment: diff BASE.json HEAD.json
#include <securescan.hpp>

#include <fstream>
#include <iostream>
#include <iterator>

static securescan::findings read(const char *file) {
  std::ifstream in(file, std::ios::binary);
  const std::string text((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
  return securescan::findings::parse(text).value();
}

int main(int argc, char **argv) {
  if (argc != 3 || !securescan::abi_matches()) {
    std::cerr << "usage: diff BASE.json HEAD.json\n";
    return 2;
  }
  try {
    const auto change = securescan::diff(read(argv[1]), read(argv[2])).value();
    std::cout << change.render("github-pr-comment").value();
    return change.added()->empty() ? 0 : 1;
  } catch (const securescan::error &error) {
    std::cerr << error.code() << ": " << error.what() << '\n';
    return 2;
  }
}

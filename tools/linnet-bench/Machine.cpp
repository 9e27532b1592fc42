//===- Machine.cpp - protects timings and says what disturbed them -----------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Machine.h"

#include "llvm/Support/raw_ostream.h"

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <fstream>
#include <sstream>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace linnet;

std::string linnet::raisePriority() {
  if (setsid() < 0) {
    // A shell made this process the leader of a group, which cannot start a session; its child can.
    pid_t child = fork();
    if (child < 0)
      return std::string("not raised: ") + std::strerror(errno);
    if (child > 0) {
      int status = 0;
      while (waitpid(child, &status, 0) < 0 && errno == EINTR)
        ;
      _exit(WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
    }
    // Ctrl-C reaches the parent only: end with it.
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (setsid() < 0)
      return std::string("not raised: ") + std::strerror(errno);
  }
  int file = open("/proc/self/autogroup", O_WRONLY | O_CLOEXEC);
  if (file < 0)
    return "not raised: this system has no autogroups";
  bool raised = write(file, "-19", 3) == 3;
  std::string reason = raised ? "" : std::strerror(errno);
  close(file);
  return raised ? "raised (autogroup nice -19)" : "not raised: " + reason;
}

std::string linnet::takeLock(llvm::StringRef path) {
  int file = open(path.str().c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666);
  if (file < 0)
    return std::strerror(errno);
  if (flock(file, LOCK_EX | LOCK_NB) == 0)
    return "";
  if (errno == EWOULDBLOCK) {
    llvm::errs() << "linnet-bench: waiting for another bench, which holds " << path << "\n";
    while (flock(file, LOCK_EX) < 0)
      if (errno != EINTR)
        return std::strerror(errno);
    return "";
  }
  return std::strerror(errno);
}

static double ownTime() {
  rusage usage;
  getrusage(RUSAGE_SELF, &usage);
  auto seconds = [](const timeval &time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) * 1e-6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

/// CPU seconds of the whole machine since it was started, without the idle ones; -1 where the system does not tell.
static double allTime() {
  std::ifstream file("/proc/stat");
  std::string cpu;
  double user, nice, system, idle, wait, irq = 0, softIrq = 0;
  if (!(file >> cpu >> user >> nice >> system >> idle >> wait >> irq >> softIrq))
    return -1;
  return (user + nice + system + irq + softIrq) / static_cast<double>(sysconf(_SC_CLK_TCK));
}

BusyMeter::BusyMeter() : ownSeconds(ownTime()), allSeconds(allTime()), begin(std::chrono::steady_clock::now()) {}

BusyMeter::Cores BusyMeter::read() const {
  double elapsed = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  double own = ownTime() - ownSeconds, all = allSeconds < 0 ? own : allTime() - allSeconds;
  elapsed = std::max(elapsed, 1e-3);
  return {own / elapsed, std::max(0.0, all - own) / elapsed};
}

std::string linnet::cpuName() {
  std::ifstream file("/proc/cpuinfo");
  for (std::string line; std::getline(file, line);)
    if (llvm::StringRef(line).starts_with("model name"))
      return llvm::StringRef(line).split(':').second.trim().str();
  return "unknown";
}

#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The breakeven authors
# SPDX-License-Identifier: Apache-2.0
"""Reads machine code from cubins, which are ELF files: the instructions of every kernel, and a hash of all of it."""
import collections
import hashlib
import re
import struct
import typing

MAGIC = b'\x7fELF\x02\x01'   # 64 bits, little-endian
CUDA = 190   # ELF's number of the machine
NOBITS = 8   # ELF's type of a section that takes memory but no bytes in the file: shared memory
INSTRUCTION_BYTES = 16
OPCODE_BITS = 0xfff   # the lowest of an instruction's 128 bits

# nvcc names what stands in an anonymous namespace after a hash of the command line; the code is the same.
ANONYMOUS = re.compile(r'\d+_GLOBAL__N__[0-9a-f]{8}_\d+_\w+?_cu_[0-9a-f]{8}(?:_\d+)?')


class Section(typing.NamedTuple):
    name: str
    size: int     # bytes in memory
    data: bytes   # empty for NOBITS


def sections(file):
    """Every section of a 64-bit little-endian ELF file, given as bytes."""
    if file[:6] != MAGIC:
        raise ValueError('no cubin: it does not begin as a 64-bit ELF file')
    table, = struct.unpack_from('<Q', file, 0x28)
    entry_bytes, count, names_index = struct.unpack_from('<HHH', file, 0x3a)
    headers = [struct.unpack_from('<IIQQQQ', file, table + i * entry_bytes) for i in range(count)]
    names = headers[names_index][4]
    for name, kind, _, _, offset, size in headers:
        text = file[names + name:file.index(b'\0', names + name)].decode()
        yield Section(text, size, b'' if kind == NOBITS else file[offset:offset + size])


def elf_bytes(file, at):
    """Length of the ELF file that stands at this place: its two tables are its ends."""
    programs, sections_at = struct.unpack_from('<QQ', file, at + 0x20)
    program_bytes, programs_count, section_bytes, sections_count = struct.unpack_from('<HHHH', file, at + 0x36)
    return max(programs + program_bytes * programs_count, sections_at + section_bytes * sections_count)


def cubins(file):
    """{architecture, such as 90: cubin} of a fatbin or an object file made with --compress-mode=none: cubins stand in
    them whole, one after another. (The format between them is not documented, and not needed.)"""
    found, at = {}, file.find(MAGIC, 1)
    while at >= 0:
        machine, = struct.unpack_from('<H', file, at + 0x12)
        length = 1
        if machine == CUDA:
            flags, = struct.unpack_from('<I', file, at + 0x30)
            length = elf_bytes(file, at)
            found[flags >> 8 & 0xff] = file[at:at + length]
        at = file.find(MAGIC, at + length)
    return found


def opcodes(file):
    """How often each opcode occurs in each kernel: {mangled name: Counter}."""
    kernels = {}
    for section in sections(file):
        if section.name.startswith('.text.'):
            halves = memoryview(section.data).cast('H')   # of 16 bits; the first of each instruction has the opcode
            counts = collections.Counter()
            for half, count in collections.Counter(halves[::INSTRUCTION_BYTES // 2].tolist()).items():
                counts[half & OPCODE_BITS] += count
            kernels[section.name.removeprefix('.text.')] = counts
    return kernels


def executed(name):
    """Whether a section decides what a kernel computes. (.nv.constant0 holds the arguments, given at launch.)"""
    return (name.startswith(('.text.', '.nv.shared.', '.nv.global.init')) or
            name.startswith('.nv.constant') and not name.startswith('.nv.constant0'))


def code_hash(file):
    """SHA-256 over names, sizes and bytes of the sections that are executed; the same in every folder and build."""
    digest = hashlib.sha256()
    parts = sorted((ANONYMOUS.sub('anonymous', s.name), s.size, s.data) for s in sections(file) if executed(s.name))
    for name, size, data in parts:
        digest.update(f'{name} {size} {len(data)}\n'.encode())
        digest.update(data)
    return digest.hexdigest()

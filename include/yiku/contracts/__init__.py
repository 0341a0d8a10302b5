"""What a list looks like.

Its columns, code lists and rules, read from data files beside this module.
"""

from yiku.contracts.codes import CodeList, load_codes
from yiku.contracts.contract import Column, Contract, KeyPart
from yiku.contracts.contract_files import load_contracts
from yiku.contracts.rules import Rule, load_rules

__all__ = [
    "CodeList",
    "Column",
    "Contract",
    "KeyPart",
    "Rule",
    "load_codes",
    "load_contracts",
    "load_rules",
]

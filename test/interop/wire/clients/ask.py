"""urllib, which sends credentials when it is asked for them: ADDRESS USER PASSWORD."""

import sys
from urllib.request import HTTPBasicAuthHandler, HTTPPasswordMgrWithDefaultRealm, build_opener

address, user, password = sys.argv[1:]
passwords = HTTPPasswordMgrWithDefaultRealm()
passwords.add_password(None, address, user, password)
print(build_opener(HTTPBasicAuthHandler(passwords)).open(address).read().decode())

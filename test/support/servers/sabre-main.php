<?php

// A directory as sabre/dav's own file system classes show it. Run by `php -S`, which gives the directory by the environment.

require_once 'Sabre/autoload.php';

$root = new Sabre\DAV\FS\Directory(getenv('DAV_DIRECTORY'));
$server = new Sabre\DAV\Server($root);
$server->setBaseUri('/');
$server->exec();

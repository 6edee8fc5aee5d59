// The library needs this polyfill first; nothing else of ours uses it.
import 'reflect-metadata';

export * from '@peculiar/x509';

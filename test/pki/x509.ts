import 'reflect-metadata';

export { X509Certificate, X509Crl } from '@peculiar/x509';
